"""Who publishes a letter: an identity that stays the same through aliases, relays and one-address-per-reader senders, and a name.

The List-Id (RFC 2919) comes first: it is made to be stable. Then the From address, with what differs from reader to reader taken out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from service.newsletter.headers import Headers, addresses, decoded

# Services that stand between a publisher and a reader who hides the own address; they note who really wrote.
_RELAY_FIELDS = (
    "x-simplelogin-original-from",
    "x-anonaddy-original-from-header",
    "x-anonaddy-original-sender",
    "x-addy-original-from",
    "x-original-from",
    "x-forwarded-from",
)
LONGEST = 255
_RELAYS = re.compile(
    r"(?:^|\.)(?:simplelogin\.(?:co|com|io|fr)|slmail(?:s)?\.(?:me|com)|aleeas\.com|8shield\.net|8alias\.com|dralias\.com|passmail\.(?:net|com)|passinbox\.com|passfwd\.com|"
    r"anonaddy\.(?:com|me)|addy\.io|addymail\.com|mozmail\.com|relay\.firefox\.com|privaterelay\.appleid\.com|icloud\.com|duck\.com)$"
)
_BRACKETED = re.compile(r"([^<>]{0,300})<\s*([^\s<>@]{1,64}@[^\s<>@]{1,255}?)\s*>")
_AT = re.compile(r"^(.+?)_at_(.+)$")
_ANON = re.compile(r"\+([^+=]+)=([^+=]+\.[^+=]+)$")
_INSIDE = re.compile(r"[\w.+=&-]{1,64}(?:@|\(a\)| at )[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
# Platforms that send every publication from one address: there only the display name says which one it is.
_PLATFORMS = re.compile(
    r"(?:^|\.)(?:linkedin\.com|medium\.com|patreon\.com|facebookmail\.com|feedburner\.com|blogtrottr\.com|wordpress\.com|steady\.(?:page|media)|flipboard\.com)$"
)
_SHARED_LOCALS = re.compile(
    r"^(?:no|do|donot|not)?[-_.]?(?:not)?[-_.]?reply$|^(?:newsletters?|digest|notifications?|bingo|hello|info|mailer)(?:[-_]no-?reply)?$"
)
_VIA = re.compile(
    r"\s*(?:[\[(]via [^\])]*[\])]|\b(?:via|par l'intermédiaire de|über|por meio de|a través de) (?:relay|linkedin|google groups|list|"
    r"simplelogin|addy\.io|anonaddy|substack|beehiiv|mailchimp|medium|facebook|patreon|wordpress|[\w-]+\.[\w.-]+)\s*$)",
    re.IGNORECASE,
)
_MACHINE = re.compile(r"^[\da-f]{12,}|\bmc list$|^\d+$|^[\W_]*$|^list-id$", re.IGNORECASE)
_ENVELOPE = re.compile(r"bounces?|reply|return|msprvs\d?|sender|mailer|prvs")
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffd]")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "go", "gob", "gouv", "ne", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote, seen through relays: display name and address in lower case, either may be ""."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]


@lru_cache(maxsize=2)  # asked for by each step
def sender(headers: Headers) -> Sender:
    """Return the true sender of a letter: the From, or who stands behind it where a relay put its own address there."""
    author = headers.get("from")
    name, address = next(iter(addresses(author) or _broken(author) or addresses(headers.get("sender"))), ("", ""))
    name, address = " ".join(name.split()), address.lower()
    if not _RELAYS.search(address.rpartition("@")[2]):
        return Sender(_real_name(name), address)
    for field in _RELAY_FIELDS:
        for other, behind in addresses(headers.get(field)):
            if "@" in behind and not _RELAYS.search(behind.lower().rpartition("@")[2]):
                return Sender(_real_name(other or name), behind.lower())
    return Sender(_real_name(_INSIDE.sub("", name)), _behind(name, address))


def identity(headers: Headers) -> str:
    """Return the source's identity: a normalised List-Id, else an address, "" where a letter names nobody; LONGEST characters at most."""
    return _identity(headers)[:LONGEST]


def _identity(headers: Headers) -> str:
    if listed := _list_id(headers.get("list-id")):
        return listed
    who = sender(headers)
    local, at, domain = who.address.rpartition("@")
    if not at:
        return who.address
    stable = _stable(local)
    if not stable or (_PLATFORMS.search(domain) and _SHARED_LOCALS.match(stable)):
        stable = _slug(who.name)
        domain = registered(domain)
    return f"{stable}@{domain}" if stable else domain


def publisher(headers: Headers) -> str | None:
    """Return the name under which the source publishes: the From's, else the list's, else the domain; None for nobody."""
    who = sender(headers)
    if who.name and "@" not in who.name:
        return who.name
    listed = decoded(headers.get("list-id").partition("<")[0]).strip(" \"'")
    if listed and "." not in listed and not _MACHINE.search(listed):
        return listed
    return registered(who.domain) or None


def subject(headers: Headers) -> str:
    """Return the subject for people: decoded, without invisible signs, "" where there is none."""
    return " ".join(_INVISIBLE.sub("", headers.text("subject")).split())[:500]


def registered(domain: str) -> str:
    """Return the part of a host name that somebody registered: `news.example.co.uk` -> `example.co.uk`. A rule of thumb."""
    labels = domain.lower().strip(".").split(".")
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])


def _broken(author: str) -> tuple[tuple[str, str], ...]:
    """Read a From whose quotes are out of place: `The Paper" <news@paper.example>"`. Good enough to name a source, not to answer to."""
    match = _BRACKETED.search(author[:1000])
    return ((decoded(match[1].replace('"', " ")), match[2]),) if match else ()


def _list_id(value: str) -> str:
    """Normalise a List-Id: what stands in the angle brackets, lower case, without a mailing's own number."""
    inside = re.search(r"<([^<>]{1,255})>", value)
    found = re.sub(r"\s+", "", (inside[1] if inside else value.strip(" \"'"))).strip(".").lower()
    # CleverReach puts the number of the mailing before the one of the list.
    found = re.sub(r"^\d+\.(?=\d+\.crsend\.com$)", "", found)
    return found if re.fullmatch(r"[^\s@]+(?:[.@][^\s@]+)+", found) else ""


def _behind(name: str, address: str) -> str:
    """Read the writer's address out of the alias that a relay made of it; the alias itself where that can't be done."""
    local, _, domain = address.rpartition("@")
    if anon := _ANON.search(local):
        return f"{anon[1]}@{anon[2]}"
    if inside := _INSIDE.search(name):
        return re.sub(r"\(a\)| at ", "@", inside[0]).lower()
    if at := _AT.match(local):
        host = at[2]
        # duck.com keeps the dots and adds the alias; the others turn dots into underscores and add one or two tokens.
        host = host.rpartition("_")[0] if domain == "duck.com" and "_" in host else host
        labels = host.replace("_", ".").split(".")
        while domain != "duck.com" and len(labels) > 2 and (re.search(r"\d", labels[-1]) or len(labels[-1]) > 4):
            labels.pop()
        return f"{at[1]}@{'.'.join(labels)}"
    return address


def _real_name(name: str) -> str:
    """Take `via ...`, quotes and a repeated address off a display name."""
    name = _VIA.sub("", name.strip(" '\"")).strip(" '\"-–|,")
    return re.sub(r"\s*[<(\[]\s*[>)\]]", "", name).strip(" '\"-–|,")


def _stable(local: str) -> str:
    """Return a local part up to what differs from reader to reader or from mailing to mailing; "" where nothing is left."""
    kept = ""
    for part in re.split(r"([._+#&=-])", local):
        if part in {"+", "#", "&", "="} or _random(part):
            break
        kept += part
    kept = kept.strip("._-")
    return "" if kept != local and (_ENVELOPE.fullmatch(kept) or not re.search(r"[^\W\d_]{2}", kept)) else kept


def _random(part: str) -> bool:
    """Whether a part of an address was drawn by a machine: many digits, or letters and digits mixed beyond a short name."""
    digits = sum(c.isdigit() for c in part)
    turns = len(re.findall(r"\d(?=[a-z])|[a-z](?=\d)", part))
    return digits >= 5 or (turns >= 2 and len(part) >= 6) or (len(part) >= 20 and digits > 0)


def _slug(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")[:60]
