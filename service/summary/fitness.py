"""Whether a sentence can stand in a digest by itself: a reader has not seen what stood around it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_ENDS = ".!?…。！？｡।॥؟۔።։។‽"
_CLOSERS = "\"'”’»›)]」』*_"
_CUT = ("...", "…", ":", ";", ",", "–", "—", "-")
_TRAIL = re.compile(r"(?:\s?(?:[\U0001F300-\U0001FAFF☀-➿️‍]|\[\d+\]))+$")
_PAIRS = (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"), ("「", "」"), ("『", "』"), ("（", "）"))
_CREDIT_START = re.compile(
    r"(?:by|von|par|por|door|av|af|di)\s+(?:[A-ZÀ-ÞĀ-Ž][\w.'’-]+(?:\s+|,\s*|$)){1,4}(?:for\b|and\b|und\b|et\b|\||/|$)"
    r"|(?:photo|photograph|picture|image|video|illustration|foto|bild|photographie|crédit|source|via|words|text)s?\b[^.]{0,12}[:|]"
    r"|scroll down\b|\W*(?:pictured|above|below|right|left)\b[:,]",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"\b(?:getty images|shutterstock|photo by|image credit|photo credit|file photo|pictured (?:above|below|right|left)|all rights reserved)\b",
    re.IGNORECASE,
)
_BECKON = re.compile(
    r"\b(?:read (?:more|on|the (?:full|rest|whole))|click (?:here|on|the|below)|sign up|subscribe|unsubscribe|continue reading|learn more|find out more|"
    r"view (?:online|in)|forward(?:ed)? this|share (?:this|on)|join us|register (?:now|here|today)|download (?:now|the app|here)|"
    r"keep reading|watch (?:the video|now)|listen (?:now|here)|get started|"
    r"weiterlesen|mehr (?:lesen|erfahren|dazu)|jetzt (?:lesen|anmelden|abonnieren)|lees (?:meer|verder)|klik hier|meld je aan|en savoir plus|"
    r"lire (?:la suite|plus)|cliquez|abonnez|leer más|haz clic|suscríbete|leggi (?:di più|tutto)|clicca|iscriviti|saiba mais|leia mais|clique aqui|"
    r"läs mer|les mer|læs mere|klicka här|lue lisää|czytaj (?:więcej|dalej)|číst dál|читать (?:далее|дальше))\b",
    re.IGNORECASE,
)
# Without one of these words neither of the two can match; looking for a word in a set is far cheaper than looking for a pattern.
_HINTS = frozenset(re.findall(r"[^\W\d_]{3,}", f"{_CREDIT.pattern} {_BECKON.pattern} forwarded")) - frozenset(
    "the this that here more out all now today full rest get see for and below above right left follow video".split()
) | {"getty", "started"}

_ADDRESS = re.compile(r"https?://|www\.|\S@\S")
_ENUMERATED = re.compile(r"\W*\d{1,3}[.)]\s")

# Words that point at a sentence before theirs, at the beginning of a sentence.
_LEANING = {
    "en": "he she it they his her hers its their him them this that these those such but and or so yet however also then thus therefore hence"
    " moreover furthermore nevertheless nonetheless otherwise instead meanwhile besides still similarly likewise consequently accordingly"
    " additionally indeed both either neither another others the-latter the-former as-such in-addition for-example for-instance in-fact of-course"
    " after-all on-the-other-hand as-a-result that's it's he's she's they're here's there's because which who whose here there too",
    "de": "er sie es ihr ihre sein seine ihm ihnen dies diese dieser dieses das aber und oder doch jedoch also dann deshalb daher außerdem trotzdem"
    " allerdings stattdessen dagegen dabei dazu damit darum zudem auch beide so denn",
    "nl": "hij zij ze het zijn haar hun dit dat deze die maar en of dus toch echter ook dan daarom daarnaast bovendien niettemin daarbij zo want",
    "fr": "il elle ils elles ce cela ceci ces cette cet son sa ses leur leurs mais et ou donc or car cependant toutefois pourtant aussi ainsi"
    " puis ensuite enfin c'est de-plus en-effet par-exemple",
    "es": "él ella ellos ellas esto eso este esta estos estas ese esa su sus pero y o sin-embargo además también entonces así luego por-eso por-ejemplo",
    "it": "egli lui lei loro esso essa questo questa questi queste quello ciò suo sua ma e o però tuttavia inoltre anche quindi così poi infatti",
    "pt": "ele ela eles elas isto isso este esta esse essa seu sua mas e ou porém contudo também então assim depois além-disso por-exemplo",
    "sv": "han hon den det de hans hennes dess deras detta denna dessa men och eller dock också då därför dessutom sedan så",
    "da": "han hun den det de hans hendes dens deres dette denne disse men og eller dog også da derfor desuden så",
    "no": "han hun ho den det de hans hennes deres dette denne disse men og eller dog også da derfor dessuten så",
    "pl": "on ona ono oni one to ten ta te jego jej ich ale i lub jednak także też więc dlatego ponadto potem",
    "ru": "он она оно они это этот эта эти его её ее их но и а или однако также тоже поэтому затем потом так",
}
_LEANING["nb"] = _LEANING["nn"] = _LEANING["no"]
_STARTS = {code: frozenset(starts.split()) for code, starts in _LEANING.items()}


def stands_alone(sentence: str, words: Sequence[str]) -> bool:
    """Whether a sentence reads as one: ended, not cut, no credit, no call to click, quotes and brackets closed. `words` are its words."""
    return (
        len(words) >= 5
        and _ended(sentence, len(words))
        and not sentence[0].islower()
        and not _ENUMERATED.match(sentence)
        and not is_furniture(sentence, words)
        and not (len(words) < 15 and _ADDRESS.search(sentence))
        and _balanced(sentence)
        and not _shouts(sentence)
    )


def _ended(sentence: str, count: int) -> bool:
    """Whether a sentence ends, with a mark or by its sheer length, and is not broken off."""
    bare = sentence.rstrip(_CLOSERS)
    if bare.endswith(_CUT):
        return False
    return bare[-1:] in _ENDS or count >= 25 or _TRAIL.sub("", bare)[-1:] in _ENDS


def is_furniture(sentence: str, words: Sequence[str]) -> bool:
    """Whether a sentence is a credit, a caption or a call to click, and no part of what the story tells."""
    if _CREDIT_START.match(sentence):
        return True
    if _HINTS.isdisjoint(words):
        return False
    return bool(_CREDIT.search(sentence)) or (len(sentence) < 180 and bool(_BECKON.search(sentence)))


def _balanced(sentence: str) -> bool:
    """Whether every quotation and bracket that opens in the sentence closes in it («„…“» opens low and closes with the English opener)."""
    if sentence.count('"') % 2:
        return False
    if "„" in sentence:
        return sentence.count("„") == sentence.count("“") + sentence.count("”")
    return all(sentence.count(left) == sentence.count(right) for left, right in _PAIRS)


def _shouts(sentence: str) -> bool:
    parts = sentence.split()
    return len(parts) > 3 and sum(map(str.isupper, parts)) > 0.6 * len(parts)


def leans(sentence_words: Sequence[str], language: str) -> bool:
    """Whether a sentence begins with a word that points at the sentence before it («He said …», «This, however …»)."""
    starts = _STARTS.get(language[:2].lower(), frozenset())
    return any("-".join(sentence_words[:count]) in starts for count in (1, 2, 3, 4))


def repeats(sentence_words: Sequence[str], title_words: frozenset[str]) -> bool:
    """Whether a sentence says the title over again: four fifths of the shorter one's words are the other's."""
    if len(title_words) < 3:
        return False
    said = set(sentence_words)
    shorter = min(len(said), len(title_words))
    return shorter > 2 and len(said & title_words) >= 0.8 * shorter and len(said) <= 1.6 * len(title_words)
