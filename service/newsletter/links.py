"""Links as a digest may show them: wrappers taken off, tracking cut, nothing that acts for the recipient. Nothing is ever requested."""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from service.newsletter.blocks import Piece
from service.newsletter.phrases import Rules

LONGEST = 4096
# The web version is linked near the top or the bottom, in a short line; "here" as a link is known by the words around it.
_NEAR = 40
_LONG_PIECE = 400
_BARE_WORD = 6
# A wrapper inside a wrapper is common (a mail filter around a newsletter's own), more than a few are an attack.
_ROUNDS = 5

# What only says where a reader came from or who the reader is. Prefixes end in an asterisk.
_TRACKING_NAMES = (
    "utm_* ga_* pk_* mtm_* matomo_* piwik_* hsa_* oly_* vero_* mkt_* trk_* sc_* wt_* at_* at-* xtor _hs* __hs* hsctatracking hsenc hsmi "
    "mc_cid mc_eid mc_* fbclid gclid gclsrc dclid wbraid gbraid msclkid yclid ysclid twclid ttclid igshid igsh li_fat_id epik s_kwcid "
    "_kx _ke _bhlid bhlid ck_subscriber_id sb_id rb_clickid inf_contact_key dm_i elqtrack elqtrackid elq elqaid elqat elqcampaignid "
    "trk trkcampaign trkemail cmpid cmp_id campid campaign_id campaignid ecmuid ecmid spm scid spmailingid spuserid spjobid spreportid "
    "sourceid subscriberid subscriber_id sub_id recipient_id recipientid contactid contact_id member_id emailid email_id emailaddress "
    "email e-mail mail_id user_email useremail uid_email ml_subscriber ml_subscriber_hash nvep hmac emci emdi ceid akid aktmid refcode2 "
    "triedredirect isfreemail ismobilewebsite icid ncid cndid esrc bxid hash_email mbid wickedid s_cid ns_campaign ns_mchannel ns_source "
    "__twitter_impression __s _openstat ref_src ref_url share_id smid smtyp newsletter_id nl_id r_email iterableemailcampaignid "
    "iterabletemplateid iterablemessageid user_id userid uuid token auth auth_token access_token magic jwt login_token sso_token otp"
)
_TRACKING = frozenset(name for name in _TRACKING_NAMES.split() if not name.endswith("*"))
_TRACKING_PREFIXES = tuple(name[:-1] for name in _TRACKING_NAMES.split() if name.endswith("*"))
# On these hosts a parameter names the recipient that elsewhere means something: the host's last two names -> parameters.
_RECIPIENT = {
    "list-manage.com": {"e"},
    "campaign-archive.com": {"e"},
    "mailchi.mp": {"e"},
    "substack.com": {"j", "r", "token", "s"},
    "sbstck.com": {"j"},
    "beehiiv.com": {"jwt_token", "jwt"},
    "medium.com": {"source", "sk"},
    "youtube.com": {"si"},
    "youtu.be": {"si"},
    "spotify.com": {"si"},
}
# Ghost puts the member's UUID on links through its redirector (`/r/1a2b3c?m=...`); Substack's posts carry r= (who shared).
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_RECORD = re.compile(r"eyJ[\w.-]{20}")
_ADDRESS = re.compile(r"[\w.+-]{1,64}(?:@|%40)[\w-]{1,63}\.[\w.-]{2,63}", re.IGNORECASE)
# These two are looked for in addresses in lower case: to ignore the case of so many words would take four times as long. Each choice
# begins with a letter or sign, not with another choice: what begins with none of them is passed over at once.
_ACTS = re.compile(
    r"unsub|opt(?<=[/=?_-]opt)-?out|abmeld|abbestell|d(?:e|é|%c3%a9)s(?:abonn|inscri)|afmeld|uitschrijv|cancel-?subscr|darse-de-baja|disiscri|wypisz|avregistr|"
    r"otpis|mails?[-_]?preference|subscriptions?[-_]?(?:preference|center|centre|settings)|communications?[-_]?preference|notifications?[-_]?preference|"
    r"preference[-_]?cent|/preferences?(?:[/?]|$)|manage-?(?:sub|pref|account)|update[-_]?profile|email-?settings|/profile\?|action=disable_email|"
    r"forward-to-friend|track/open|wf/open|tr/open|/open\.(?:php|aspx|gif)|/pixel(?:\.|\?|$)"
)
_SHARES = re.compile(
    r"facebook\.com/(?:sharer|dialog|share)|twitter\.com/(?:intent|share|home\?status)|x\.com/(?:intent|share|home\?status)|reddit\.com/submit|"
    r"linkedin\.com/(?:sharearticle|sharing)|news\.ycombinator\.com/submitlink|pinterest\.[a-z.]+/pin/create|t\.me/share|wa\.me|api\.whatsapp\.com|"
    r"getpocket\.com/(?:save|edit)|bsky\.app/intent|threads\.net/intent|tumblr\.com/(?:share|widgets)|xing\.com/(?:spi|social)|translate\.google|"
    r"web\.archive\.org|archive\.(?:ph|is|today)"
)
# Where none of these stands, no address stands in the address: most links are known so.
_HOLDS = re.compile(r"[/=](?:%|http|aHR0c|nb2hi4|eyJ|eJ|eN)|urldefense|/v3/__", re.IGNORECASE)
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
# Only names that end in letters: a number or `localhost` is the reader's own machine or router, where a look may do something.
_HOST = re.compile(r"[^.]\.(?!localhost)[^.]*[^\W\d][^.]*\.?$")
_NO_HOST = re.compile(r"[<>\"'\\^`{}|\s]")
_DOORS = re.compile(
    r"(?:^|[/_.-])(?:log-?in|sign-?in|sign-?up|subscribe|sso|oauth\d?|auth|register|checkout|cart|validator?)(?:$|[/_.?-])", re.IGNORECASE
)
_IN_PATH = re.compile(r"/(https?(?::|%3a)(?:/|%2f){1,2}.+)", re.IGNORECASE)
_PROOFPOINT = re.compile(r"/v3/__(https?:/{1,2}.+?)__;([\w-]*)", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)
# Redirectors whose token says who clicked; the target can't be known without asking them.
_OPAQUE = re.compile(
    r"/ls/click|/ss/c/|/track/click|/e3t/|/wf/click|/tr/cl/|/mps2/c/|/cl/|/e/c/|/u/click|/click\b|/c/|^https?://(?:click|clicks|trk|track|tracking|links?|email|e|t|r|go|cl|lnk|url\d+)\d*\.",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[\w+=-]{24,}")
# What lets whoever holds it in: a part of the path that says so, and a key, which no word of a title looks like.
_LETS_IN = re.compile(
    r"/(?:(?:auto-?)?log-?in|sign-?in|sign-?up|magic(?:-?link)?|auth|sso|oauth2?|callback|sessions?|confirm(?:ation|-[\w-]+)?|verif(?:y|ication)(?:-[\w-]+)?|"
    r"validate|activat(?:e|ion)|reset(?:-[\w-]+)?|password(?:-[\w-]+)?|(?:my-?)?account|one-?click|invit(?:e|ation)|unlock|opt-?in|subscri(?:be|ption))(?:/|$)",
    re.IGNORECASE,
)
_KEY = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)[A-Za-z0-9]{16,}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_TARGET_NAMES = frozenset({"href", "url", "e", "u", "l", "link", "target"})
_FIELDS = 50


@lru_cache(maxsize=512)  # a story's link is asked for as its title's, its button's, and in the end as its own
def clean(url: str) -> str | None:
    """Return the address that a link leads to, unwrapped and without tracking; None for what no digest may link.

    That is: other schemes than http and https, a link that unsubscribes, changes a subscription or counts an opening.
    """
    url = _tidy(url)
    for _ in range(_ROUNDS):
        inside = _unwrapped(url)
        if not inside or inside == url:
            break
        url = _tidy(inside)
    parts = _split(url)
    if parts is None or _ACTS.search(url.partition("#")[0].lower()):
        return None
    try:  # a name in other letters that look like these is shown as what it is
        return _without_tracking(parts._replace(netloc=parts.netloc.encode("idna").decode()) if not parts.netloc.isascii() else parts)
    except UnicodeError:
        return None


def personal(url: str) -> bool:
    """Whether a cleaned link still says who was written to, or lets in whoever holds it: one to follow oneself, not to pass on."""
    parts = _split(url)
    if parts is None or _names_address(url) or _RECORD.search(url):
        return True
    rest = f"{parts.path}/{parts.query}"
    return bool((_OPAQUE.search(url) and _TOKEN.search(rest)) or (_LETS_IN.search(parts.path) and _KEY.search(rest)))


def for_its_reader(text: str) -> bool:
    """Whether there stands a link in running text that is not to be passed on: personal, or with a key that `clean` takes off."""
    return any(personal(url) or bool(_KEY.search(url)) > bool(_KEY.search(clean(url) or "")) for url in _URL.findall(text))


def web_version(pieces: Sequence[Piece], rules: Rules) -> str | None:
    """Return the link under "view in browser", cleaned; None where there is none. Only letters' first and last pieces have it."""
    for piece in pieces if len(pieces) <= 2 * _NEAR else (*pieces[:_NEAR], *pieces[-_NEAR:]):
        for link in piece.links if len(piece.text) < _LONG_PIECE else ():
            if "view-online" in rules.match(link.text if len(link.text) > _BARE_WORD else piece.text) and (url := clean(link.url)):
                return url
    return None


def _tidy(url: str) -> str:
    url = _SPACES.sub(lambda m: "%20" if m[0] == " " else "", url[: 4 * LONGEST].strip()).replace("&amp;", "&")
    if not url.isprintable():  # what is invisible, or turns the rest round, is not what it seems; of a path it may be a part
        url = "".join(sign if sign.isprintable() else quote(sign, errors="replace") for sign in url)
    return f"https:{url}" if url.startswith("//") else url


def _split(url: str) -> SplitResult | None:
    """Return the parts of an http or https address with a host, None for anything else."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host or len(url) > LONGEST or not _HOST.search(host):
        return None
    return None if _NO_HOST.search(parts.netloc) else parts


# -- wrappers ----------------------------------------------------------------------------------------------------------


def _unwrapped(url: str) -> str | None:
    """Return the target that stands in a wrapper's address, plain, percent-encoded or in base64; None where none does."""
    parts = _split(url) if _HOLDS.search(url) else None
    if parts is None or _SHARES.search(f"{parts.hostname}{parts.path}".lower()) or _DOORS.search(parts.path):
        return None
    targets = (target for target in _targets(url, parts) if _split(_tidy(target)) is not None)
    return next(targets, None)


def _targets(url: str, parts: SplitResult) -> Iterator[str]:
    host = parts.hostname or ""
    pairs = parse_qsl(parts.query) if parts.query.count("&") < _FIELDS else []
    if host == "urldefense.proofpoint.com":
        yield unquote(re.sub(r"-([0-9A-F]{2})", r"%\1", dict(pairs).get("u", "").replace("_", "/")))
    if proof := _PROOFPOINT.search(url):
        yield _proofpoint(proof[1], proof[2])
    for _, value in pairs:
        if value.lower().startswith(("http://", "https://", "http%3a%2f%2f", "https%3a%2f%2f")):
            yield value if "://" in value[:8] else unquote(value)
        elif inside := _encoded(value):
            yield inside
    if in_path := _IN_PATH.search(parts.path):
        yield _from_path(in_path[1], parts.query)
    for segment in parts.path.split("/")[:40]:
        if inside := _encoded(segment):
            yield inside


def _from_path(found: str, query: str) -> str:
    """Undo a target in a path: encoded, it ends at the next slash; plain, it goes on to the end of the address."""
    if re.match(r"https?(?::|%3a)%2f", found, re.IGNORECASE):
        return unquote(found.partition("/")[0])
    plain = re.sub(r"^(https?)(?::|%3a)/{1,2}", r"\1://", found, flags=re.IGNORECASE)
    return f"{plain}?{query}" if query else plain


def _proofpoint(target: str, replaced: str) -> str:
    """Undo Proofpoint's URL Defense, version 3: each `*` stands for the next octet of the base64 behind it."""
    octets = iter(_base64(replaced).decode("utf-8", "replace"))
    return re.sub(r"\*", lambda _: quote(next(octets, "*")), re.sub(r"^(https?):/+", r"\1://", target))


def _encoded(segment: str) -> str | None:
    """Return the address that a path segment or parameter holds in base64, base32, or in JSON or deflated text inside base64."""
    start = segment[:8]
    if start.startswith(("aHR0c", "aHR0cD")):
        return _first_url(_base64(segment))
    if start.lower().startswith("nb2hi4"):
        return _first_url(_base32(segment))
    if start.startswith("eyJ"):
        return _from_record(_base64(segment.partition(".")[0]))
    if start.startswith(("eJ", "eN")):
        return _from_record(_inflated(_base64(segment)))
    return None


def _from_record(octets: bytes) -> str | None:
    """Return the target that a token's record names: JSON or a form, under one of the names that redirectors use."""
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        found = dict(parse_qsl(octets.decode("utf-8", "replace"), max_num_fields=50)) if octets.count(b"&") < _FIELDS else {}
    values = [v for k, v in found.items() if k in _TARGET_NAMES] if isinstance(found, dict) else []
    return next((v for v in values if isinstance(v, str) and v.startswith(("http://", "https://"))), None)


def _first_url(octets: bytes) -> str | None:
    match = _URL.match(octets.decode("utf-8", "ignore"))
    return match[0] if match else None


def _base64(text: str) -> bytes:
    text = unquote(text[:LONGEST]).replace("-", "+").replace("_", "/")
    text = re.sub(r"[^A-Za-z0-9+/]", "", text)
    try:
        return base64.b64decode(text[: len(text) - (len(text) % 4 == 1)] + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _base32(text: str) -> bytes:
    text = re.sub(r"[^A-Z2-7]", "", text[:LONGEST].upper())
    try:
        return base64.b32decode(text[: len(text) // 8 * 8]) + (
            base64.b32decode(text[len(text) // 8 * 8 :] + "=" * (-len(text) % 8)) if len(text) % 8 else b""
        )
    except (binascii.Error, ValueError):
        return b""


def _inflated(octets: bytes) -> bytes:
    """Inflate at most a URL's worth: a token is data of a stranger."""
    try:
        return zlib.decompressobj().decompress(octets, LONGEST)
    except zlib.error:
        return b""


# -- tracking ----------------------------------------------------------------------------------------------------------


def _without_tracking(parts: SplitResult) -> str:
    if not (parts.query or parts.fragment or "@" in parts.netloc):
        return parts.geturl()
    host = (parts.hostname or "").lower()
    own = _RECIPIENT.get(".".join(host.split(".")[-2:]), set[str]())
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not (_tracks(name, value) or name.lower() in own)]
    query = parts.query if len(kept) == len(pairs) else urlencode(kept, quote_via=quote, safe="/:,@!$'()*;~-._")
    fragment = "" if _tracks(parts.fragment.partition("=")[0], "") or _names_address(parts.fragment) else parts.fragment
    netloc = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=netloc, query=query, fragment=fragment).geturl()


def _tracks(name: str, value: str) -> bool:
    name = name.lower().lstrip("?")
    return (
        name in _TRACKING
        or name.startswith(_TRACKING_PREFIXES)
        or _names_address(value)
        or (name == "m" and bool(_UUID.fullmatch(value)))
        or bool(_RECORD.match(value))
    )


def _names_address(text: str) -> bool:
    """Tell whether somebody's address stands in a text."""
    return ("@" in text or "%40" in text) and bool(_ADDRESS.search(text))
