"""What sort of mail a letter is: from its header fields first, then from what its subject and body say (`config/kinds.toml`).

The order of the questions is the order of certainty: our own digest, a machine's notice, a code somebody waits for, a paper of business,
a post to a discussion list; what is left is a newsletter or a person's letter, by the weight of the signs for either.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, islice

from service import bundled
from service.newsletter.headers import Headers, addresses
from service.newsletter.mime import Mail, visible
from service.newsletter.phrases import Phrasebook, Rules
from service.newsletter.source import identity, sender
from service.records import Kind

OWN = "x-nutgraf-digest"
HEAD, TAIL = 2500, 2500
# A letter that asks for a confirmation, or says welcome, is short; above this it also has something to tell.
SHORT = 1500
WELCOME = 2900
SURE = 2  # phrases of one kind that a body must hold where the subject says nothing of it
LONG = 3000  # an issue that goes through a discussion list's manager says which one it is, and has much to tell

_DAEMON = re.compile(
    r"^(?:mailer-?daemon|postmaster|mail-?daemon|mailerdaemon|double-bounce|bounces?|majordomo|listserv-errors)(?:[@+_-]|$)"
)
_ROBOT = re.compile(
    r"no[-_.]?reply|do[-_.]?not[-_.]?reply|notification|alert|auto|system|support|service|order|billing|invoice|receipt|tracking|shipment|daemon|robot|cron|root@|security|account"
)
_PRESS = re.compile(
    r"news|letter|digest|weekly|daily|update|bulletin|editor|magazine|briefing|marketing|campaign|subscri|mailing|list|boletin|nieuwsbrief|rundbrief|notiziario"
)
_ISSUE = re.compile(
    r"newsletter|\bissue (?:no\.? ?|#)?\d{1,4}\b|\bweekly\b|\bdigest\b|\bbriefing\b|\broundup\b|#\s?\d+|\b20\d\d-\d\d-\d\d\b|"
    r"\bn[o°º]\.?\s?\d+|\bvol\.|ausgabe|rundbrief|nieuwsbrief|boletín|infolettre|рассылк|выпуск|ニュース|メルマガ|通信|号",
    re.IGNORECASE,
)
_FREEMAIL = re.compile(
    r"@(?:gmail|googlemail|hotmail|outlook|live|msn|yahoo|ymail|aol|icloud|me|gmx|web|mail|proton|protonmail|qq|163|126|yandex|rambler|free|orange|wanadoo|laposte|libero|wp|o2|onet|uol|terra)\."
)
_REPLY = re.compile(r"^(?:\[[^\]]{1,60}\]\s*)?(?:re|aw|antw|sv|vs|odp|ref|rif|回复|返信)\s*(?:\[\d+\])?\s*[:：]", re.IGNORECASE)
_FORWARD = re.compile(r"^(?:fwd?|wg|tr|i|rv|enc|doorst|pd|vb)\s*:", re.IGNORECASE)
_LIST_DIGEST = re.compile(r"\bdigest,? (?:v|vol)[\w.]*\d|\bdigest #?\d+|\d+ messages?\b", re.IGNORECASE)
_PERSONAL_MAILERS = (
    "mozilla thunderbird outlook apple.mail iphone ipad mutt evolution kmail claws sylpheed the.bat eudora lotus.notes pine exmh mh-e "
    "emacs gnus roundcube squirrelmail imp/ webmail forte pegasus foxmail airmail mailmate ximian elm nmh k-9 yahoomail aol "
    "internet.mail.service qualcomm hotmail mew"
)
_PERSONAL_MAILER = re.compile("|".join(_PERSONAL_MAILERS.split()), re.IGNORECASE)
_CAMPAIGN = re.compile(
    r"^x-(?:campaign|mc-|mailchimp|mandrill|sg-|sfmc|job$|jobid|messageid|mailgun-(?:tag|variables)|sendgrid|klaviyo|hs-|hubspot|pmx|convertkit|ck-|sib-|mailer-lid|mailer-recptid|mailer-sid|maillist|emarsys|acxiom|cr-|rpcampaign|newsletter|mailjet|mj-|smtpapi|ses-|cm-|substack|beehiiv|ghost|buttondown|inx|abuse|report-abuse|virtual|ib2|et-|250ok|kmail|roving|broadcast|episerver|optivo|cleverreach|mw-|sendy|phplist|acymailing|elaine|dotmailer|dm-|eloqua)|^feedback-id$|^list-unsubscribe-post$|^x-listmember$|^bounces-to$"
)
_TAGS_IMAGES = re.compile(r"<img\b", re.IGNORECASE)
_LINKS = re.compile(r"<a\b[^<>]{0,2000}href|https?://", re.IGNORECASE)
_QUOTED = re.compile(r"^ ?>", re.MULTILINE)
_SIGNED = re.compile(r"^-- $", re.MULTILINE)


@dataclass(frozen=True)
class _Signs:
    """What a letter shows; what takes a look at the body is worked out when a question asks for it: most letters are known without."""

    mail: Mail
    rules: Rules

    @property
    def headers(self) -> Headers:
        return self.mail.headers

    @cached_property
    def subject(self) -> str:
        return self.headers.text("subject")

    @cached_property
    def sender(self) -> str:
        return sender(self.headers).address

    @cached_property
    def text(self) -> str:
        return visible(self.mail.html) if self.mail.html else self.mail.text

    @cached_property
    def wrapping(self) -> frozenset[str]:
        return self.rules.match(self._ends)

    @cached_property
    def _ends(self) -> str:
        return self.text if len(self.text) <= HEAD + TAIL else f"{self.text[:HEAD]}\n{self.text[-TAIL:]}"

    @cached_property
    def _subject_said(self) -> Counter[str]:
        return Counter(_books()[0].said(self.subject))

    @cached_property
    def _body_said(self) -> Counter[str]:
        return Counter(_books()[1].said(self._ends))

    def subject_says(self, category: str) -> bool:
        return category in self._subject_said

    def body_says(self, category: str, times: int = 1) -> bool:
        return self._body_said[category] >= times


def kind_of(mail: Mail, rules: Rules) -> Kind:
    """Return the kind of a letter; a page or a running text without header fields is a newsletter."""
    if mail.bare:
        return Kind.NEWSLETTER
    signs = _Signs(mail, rules)
    return next((kind for kind, question in _QUESTIONS if question(signs)), Kind.PERSONAL)


def automatic(headers: Headers) -> bool:
    """Whether a machine sent the letter by its own account: lists, replies of machines, bounces (RFC 3834, 2)."""
    return (
        headers.get("auto-submitted").lower() not in {"", "no"}
        or headers.get("precedence").lower() in {"bulk", "list", "junk", "auto_reply"}
        or headers.get("return-path").replace(" ", "") == "<>"
        or any(
            name in {OWN, "list-id", "list-unsubscribe", "feedback-id", "x-autoreply", "x-autorespond", "x-loop"}
            for name, _ in headers.fields
        )
        or bool(_DAEMON.match(sender(headers).address))
    )


@lru_cache(maxsize=1)
def _books() -> tuple[Phrasebook, Phrasebook]:
    """The phrases for subjects and for bodies. Raises ValueError for a phrase that can't be read."""
    subject, body = Phrasebook(), Phrasebook()
    tables = tomllib.loads(bundled.config().joinpath("kinds.toml").read_text(encoding="utf-8"))
    for language in tables.values():
        for name, book in (("subject", subject), ("body", body)):
            for category, phrases in language.get(name, {}).items():
                for phrase in phrases:
                    book.add(phrase, category)
    return subject, body


# -- the questions -----------------------------------------------------------------------------------------------------


def _own(signs: _Signs) -> bool:
    return OWN in signs.headers


def _notice(signs: _Signs) -> bool:
    """Bounces, reports of delivery and reading, replies by machines (RFC 3464, 8098, 3834)."""
    headers = signs.headers
    reports = {
        "message/delivery-status",
        "message/disposition-notification",
        "message/feedback-report",
        "multipart/report",
        "text/rfc822-headers",
    }
    answered = headers.get("auto-submitted").lower().startswith("auto-replied") or any(
        name in {"x-autoreply", "x-autorespond", "x-autorespond-to", "x-failed-recipients"} for name, _ in headers.fields
    )
    return (
        bool(reports.intersection(signs.mail.types))
        or answered
        or bool(_DAEMON.match(signs.sender))
        or headers.get("return-path").replace(" ", "") == "<>"
        or headers.get("precedence").lower() == "auto_reply"
        or (signs.subject_says("notice") and (signs.body_says("notice") or not _bulk(signs)))
        or (not signs.mail.html and len(signs.text) < SHORT and signs.body_says("notice", SURE) and not _bulk(signs))
    )


def _confirmation(signs: _Signs) -> bool:
    """A sign-up to confirm, a code, a link to log in; and the welcome that answers a sign-up."""
    asked, short = signs.subject_says("confirmation"), len(signs.text) < SHORT
    if asked and (short or signs.body_says("confirmation")):
        return True
    if short and signs.body_says("confirmation", SURE) and not signs.headers.get("list-post") and not _REPLY.match(signs.subject):
        return True
    return signs.subject_says("welcome") and len(signs.text) < WELCOME and not _REPLY.match(signs.subject)


def _transactional(signs: _Signs) -> bool:
    """Orders, invoices, shipments, bookings, accounts, appointments."""
    if "text/calendar" in signs.mail.types and len(signs.text) < 2 * SHORT:
        return True
    if signs.headers.get("in-reply-to") or _REPLY.match(signs.subject):
        return False
    if _ROBOT.search(signs.sender) and not _sent_to_many(signs.headers) and signs.body_says("transactional", SURE):
        return True
    alone = "list-unsubscribe" not in signs.headers and len(signs.text) < SHORT
    return signs.subject_says("transactional") and (alone or not _bulk(signs) or signs.body_says("transactional"))


def _list_post(signs: _Signs) -> bool:
    """A post to a discussion list: many may write. A marketing mail that merely goes through a list manager is none."""
    headers = signs.headers
    if "multipart/digest" in signs.mail.types or (_LIST_DIGEST.search(signs.subject) and not signs.mail.html):
        return True
    if headers.get("list-post").strip().lower().startswith("no") or any(_CAMPAIGN.match(name) for name, _ in headers.fields):
        return False
    managed = (
        "mailto:" in headers.get("list-post").lower()
        or any(
            name in {"mailing-list", "x-mailman-version", "x-beenthere", "x-mailing-list", "x-google-group-id", "delivered-to-list"}
            for name, _ in headers.fields
        )
        or headers.get("precedence").lower() == "list"
        or bool(re.search(r"-(?:admin|owner|bounces?|request)(?:[@+=]|$)", f"{headers.get('sender')} {headers.get('return-path')}".lower()))
    )
    if not managed:
        return bool(
            re.match(r"(?:re:\s*)?\[[^\]]{2,40}\]", signs.subject, re.IGNORECASE)
            and (headers.get("in-reply-to") or _REPLY.match(signs.subject))
        )
    return not _speaks_for_list(signs)


def _speaks_for_list(signs: _Signs) -> bool:
    """Whether the list itself writes, and nobody else may: From names the list or a newsroom, and the letter answers nobody."""
    if signs.headers.get("in-reply-to") or _REPLY.match(signs.subject):
        return False
    issue = bool(_ISSUE.search(signs.subject)) and len(signs.text) > LONG and not signs.subject.startswith("[")
    local, _, domain = signs.sender.partition("@")
    listed = identity(signs.headers)
    itself = (
        bool(local)
        and (local in listed.split(".") or bool(_PRESS.search(local)))
        and (not listed or domain.split(".")[-2:] == listed.split(".")[-2:])
    )
    return itself or issue


def _bulk(signs: _Signs) -> bool:
    """Whether the letter says itself that it went to many."""
    return _sent_to_many(signs.headers) or bool(signs.wrapping & {"unsubscribe", "view-online"})


def _sent_to_many(headers: Headers) -> bool:
    return (
        "list-unsubscribe" in headers
        or headers.get("precedence").lower() in {"bulk", "list"}
        or any(_CAMPAIGN.match(name) for name, _ in headers.fields)
    )


# -- newsletter or personal --------------------------------------------------------------------------------------------

# A letter with this much more speaking for a newsletter is one. What speaks against it is asked first: the sum then only grows.
THRESHOLD = 1.5
_WEIGHTS: tuple[tuple[float, Callable[[_Signs], bool]], ...] = (
    (-2.5, lambda s: bool(s.headers.get("in-reply-to") or _REPLY.match(s.subject))),
    (-1.0, lambda s: bool(_FORWARD.match(s.subject))),
    (-1.5, lambda s: bool(_PERSONAL_MAILER.search(s.headers.get("x-mailer") + s.headers.get("user-agent")))),
    (-1.5, lambda s: bool(_FREEMAIL.search(s.sender))),
    (-1.0, lambda s: _more_than(2, _QUOTED, s.text)),
    (-0.5, lambda s: bool(_SIGNED.search(s.text))),
    (-0.5, lambda s: not s.mail.html and not _more_than(2, _LINKS, s.text)),
    (-1.0, lambda s: len(addresses(s.headers.get("to"))) + len(addresses(s.headers.get("cc"))) > 1),
    (3.0, lambda s: "list-unsubscribe" in s.headers),
    (2.0, lambda s: any(_CAMPAIGN.match(name) for name, _ in s.headers.fields)),
    (1.0, lambda s: s.headers.get("precedence").lower() in {"bulk", "list"}),
    (2.0, lambda s: bool(_PRESS.search(s.sender))),
    (1.5, lambda s: bool(_ISSUE.search(s.subject))),
    (1.0, lambda s: _more_than(8, _LINKS, s.mail.html[:200_000])),
    (1.0, lambda s: _more_than(2, _TAGS_IMAGES, s.mail.html[:200_000])),
    (1.0, lambda s: len(s.text) > 2500 and _more_than(5, _LINKS, s.mail.html or s.text)),
    (2.5, lambda s: "unsubscribe" in s.wrapping),
    (2.0, lambda s: "view-online" in s.wrapping),
    (1.0, lambda s: "membership" in s.wrapping),
    (0.5, lambda s: bool(s.wrapping & {"privacy", "address", "share"})),
)


def _newsletter(signs: _Signs) -> bool:
    return any(total >= THRESHOLD for total in accumulate(weight for weight, sign in _WEIGHTS if sign(signs)))


def _more_than(count: int, pattern: re.Pattern[str], text: str) -> bool:
    return next(islice(pattern.finditer(text), count, None), None) is not None


_QUESTIONS: tuple[tuple[Kind, Callable[[_Signs], bool]], ...] = (
    (Kind.OWN, _own),
    (Kind.NOTICE, _notice),
    (Kind.CONFIRMATION, _confirmation),
    (Kind.TRANSACTIONAL, _transactional),
    (Kind.LIST, _list_post),
    (Kind.NEWSLETTER, _newsletter),
    (Kind.TRANSACTIONAL, lambda signs: bool(_ROBOT.search(signs.sender)) or automatic(signs.headers)),
)
