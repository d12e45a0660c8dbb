"""What a link's address says of where it leads, in any language: addresses are written in English all over the world."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

SIGNS = {
    "leave": """unsub optout opt-out opt_out abmeld abbestell desabonn desinscri disable_email preferences profile_center profilecenter
        /manage email-settings list-manage.com/profile disiscr uitschrij afmeld wypis avmeld avregistr""",
    "view": """view-in-browser viewinbrowser view_in_browser viewonline webversion web-version mirrorpage mirror_page webansicht view_email
        viewemail campaign-archive mailview read-online showemail""",
    "share": """action=share action=comment action=restack action=like sharer intent/tweet intent/post /share share= share? forward-to
        forwardtoafriend tellafriend /comments submitlike referral pin/create email-share""",
    "social": """//facebook.com/ .facebook.com/ //twitter.com/ //x.com/ instagram.com/ linkedin.com/ youtube.com/c youtube.com/@
        tiktok.com/@ pinterest.com/ threads.net/ bsky.app/profile //vk.com/ xing.com/ //t.me/ wa.me/ discord.gg/""",
    "app": "apps.apple.com itunes.apple.com play.google.com app-link open-app podcasts.apple open.spotify app-store appstore",
    "join": "/subscribe signup sign-up sign_up /join /register anmeldung inscription subscribe? upgrade /checkout",
    "legal": "privacy datenschutz /terms imprint impressum /legal cookie mentions-legales /agb privacidad disclaimer",
    "money": "donat spende patreon.com ko-fi.com buymeacoffee actblue paypal chip-in crowdfund support-us winred",
    "sale": """sponsor /ads/ /ad/ advert adclick doubleclick utm_medium=paid utm_medium=cpc affiliate /shop /store /buy /cart coupon
        discount amzn.to gumroad eventbrite ticket /jobs careers webinar /pricing /products""",
    "mail": "mailto:",
}
KINDS = {kind: tuple(signs.split()) for kind, signs in SIGNS.items()}
LONGEST = 400


def kinds(url: str) -> frozenset[str]:
    """Return what a link's address gives away (keys of KINDS); most give away nothing."""
    return _kinds(url[:LONGEST])


@lru_cache(maxsize=4096)
def _kinds(url: str) -> frozenset[str]:
    head = url.lower()
    if not _telling().search(head):
        return frozenset()
    return frozenset(kind for kind, signs in KINDS.items() if any(sign in head for sign in signs))


@lru_cache(maxsize=1)
def _telling() -> re.Pattern[str]:
    return re.compile(_either([sign for signs in KINDS.values() for sign in signs]))


def _either(words: Iterable[str]) -> str:
    """Return a regular expression for any of the words that tries no common beginning twice; words that go on after another are in it."""
    after: dict[str, list[str]] = defaultdict(list)
    for word in words:
        after[word[:1]].append(word[1:])
    if "" in after:
        return ""
    return f"(?:{'|'.join(re.escape(sign) + _either(rest) for sign, rest in after.items())})"
