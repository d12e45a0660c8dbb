"""Phrases: how they are written, what they find, and what a wrong one says."""

from __future__ import annotations

import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.newsletter.phrasebook import MOST_KNOWN, TOKEN, Phrasebook, fold, tokens
from service.newsletter.phrases import CATEGORIES, DEFAULT_RULES, Rules, load


def found(phrase: str, text: str) -> bool:
    """Return whether a phrase is found in a text."""
    book = Phrasebook()
    book.add(phrase, "share")
    return bool(book.find(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("sign up", "Please SIGN  UP, now"),
        ("sign (up|on|)", "sign here"),
        ("(please|) donate", "Donate!"),
        ("abmeld*", "Hier geht es zur Abmeldung"),
        ("our * newsletter", "our very good newsletter"),
        ("thanks ... list", "Thanks so much for being on this long and winding list"),
        ("# min read", "a 12 min read"),
        ("^share$", "→ Share ←"),
        ("^hello *$", "Hello dear reader,"),
        ("we're hiring", "We’re hiring"),
        ("配信停止", "メールの配信停止はこちら"),
        ("view (this (email|mail)|) online", "View this mail online"),
    ],
)
def test_phrase_is_found(phrase: str, text: str) -> None:
    """Each element of the notation finds what it stands for."""
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("sign up", "sign upon"),
        ("our * newsletter", "our one two three four newsletter"),
        ("sign up", "That was the sign. Up he went"),
        ("our * newsletter", "This is our. A newsletter"),
        ("^share$", "share this"),
        ("^share", "please share"),
        ("# min read", "a min read"),
        ("abmeld*", "anmelden"),
        ("our * newsletter", "This is our… A newsletter"),
    ],
)
def test_phrase_is_not_found(phrase: str, text: str) -> None:
    """Words are whole, gaps are bounded, and no phrase runs over the end of a sentence."""
    assert not found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "fault"),
    [
        ("* sign up", "begins with a word"),
        ("sign up *", "ends with a word"),
        ("(sign up", "has no )"),
        ("sign up)", "need a ("),
        ("event(s|)", "space before"),
        ("ab*", "3 letters"),
        ("50 % off", "no word"),
        ("", "begins with a word"),
    ],
)
def test_wrong_phrase_says_why(phrase: str, fault: str) -> None:
    """A phrase that can't be understood is refused with the reason."""
    with pytest.raises(ValueError, match=fault.replace("(", r"\(").replace(")", r"\)")):
        Phrasebook().add(phrase, "share")


MEANINGS = {
    "a": "a ",
    "b": "b ",
    "(a|b)": "(?:a |b )",
    "(b|)": "(?:b |)",
    "aab*": r"aab\w* ",
    "#": r"\d+ ",
    "*": r"(?:\w+ ){0,3}",
    "...": r"(?:\w+ ){0,10}",
}


@given(
    st.lists(st.sampled_from(sorted(MEANINGS)), max_size=5),
    st.lists(st.sampled_from(["a", "b", "c", "aab", "aabc", "7", "12"]), max_size=16),
)
def test_phrases_mean_what_a_regular_expression_says(elements: list[str], words: list[str]) -> None:
    """The search finds a phrase exactly where a plain, slow reading of the notation does."""
    phrase, text = ["b", *elements, "a"], " ".join(words)
    plain = re.compile(r"(?<!\S)b " + "".join(map(MEANINGS.__getitem__, elements)) + "a ")
    assert found(" ".join(phrase), text) == bool(plain.search(f"{text} "))


def test_a_number_may_be_a_word_too() -> None:
    """Both phrases are found."""
    book = Phrasebook()
    for phrase, category in (("24 hours", "offer"), ("# hours", "events")):
        book.add(phrase, category)
    assert set(book.said("within 24 hours")) == {"offer", "events"}
    assert set(book.said("within 36 hours")) == {"events"}


def test_a_search_that_knows_too_much_begins_anew() -> None:
    """What it remembers of texts is bounded; what it finds is the same."""
    book = Phrasebook()
    book.add("sign up", "share")
    assert book.said(" ".join(f"w{number}" for number in range(MOST_KNOWN + 1)) + " sign up") == ["share"]
    assert book.said("please sign up") == ["share"]


def test_hit_tells_its_place_and_whether_it_is_all() -> None:
    """`text[start:end]` is the phrase; `whole` when nothing else is said."""
    text = "» Unsubscribe «"
    hit = next(hit for hit in DEFAULT_RULES.find(text) if hit.category == "unsubscribe")
    assert (text[hit.start : hit.end], hit.whole) == ("Unsubscribe", True)


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Click here to unsubscribe", "unsubscribe"),
        ("Hier können Sie sich vom Newsletter abmelden", "unsubscribe"),
        ("Cliquez ici pour vous désinscrire", "unsubscribe"),
        ("Si no quieres recibir más correos, date de baja", "unsubscribe"),
        ("Se non vuoi più ricevere questa email, cancellati", "unsubscribe"),
        ("Para cancelar a sua inscrição clique aqui", "unsubscribe"),
        ("Wil je deze nieuwsbrief niet meer ontvangen? Meld je hier af", "unsubscribe"),
        ("Aby zrezygnować z subskrypcji, kliknij tutaj", "unsubscribe"),
        ("Vill du inte längre ha våra brev? Avregistrera dig", "unsubscribe"),
        ("Afmeld nyhedsbrevet her", "unsubscribe"),
        ("Чтобы отписаться от рассылки, нажмите сюда", "unsubscribe"),
        ("配信停止はこちら", "unsubscribe"),
        ("点击退订", "unsubscribe"),
        ("View this email in your browser", "view-online"),
        ("Im Browser ansehen", "view-online"),
        ("Anzeige", "sponsor"),
        ("Publicité", "sponsor"),
        ("スポンサー", "sponsor"),
        ("Alle Rechte vorbehalten", "address"),
    ],
)
def test_languages_know_their_wrapping(text: str, category: str) -> None:
    """The bundled files know how each language says it."""
    assert category in DEFAULT_RULES.match(text)


@pytest.mark.parametrize(
    "text",
    [
        "The minister said on Friday that the bridge would stay closed until spring.",
        "Die Anzahl der Anmeldungen in den Volkshochschulen ist gestiegen.",
        "Le ministre a présenté un plan de relance pour les chemins de fer.",
        "首相は金曜日、橋の閉鎖を春まで続けると述べた。",
    ],
)
def test_plain_prose_matches_nothing(text: str) -> None:
    """A sentence of an article holds no phrase of wrapping."""
    assert DEFAULT_RULES.match(text) == frozenset()


def test_an_operators_file_takes_the_place_of_the_bundled_one(tmp_path: Path) -> None:
    """Overriding goes file by file: en.toml is replaced, de.toml stays."""
    (tmp_path / "en.toml").write_text('share = ["tell the world"]', encoding="utf-8")
    rules = load(tmp_path)
    assert [sorted(rules.match(text)) for text in ("Tell the world", "Unsubscribe", "Newsletter abmelden")] == [
        ["share"],
        [],
        ["unsubscribe"],
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ('shares = ["a"]', "xx.toml: unknown key 'shares'; use one of: .*share"),
        ("share = 1", "xx.toml: share must be a list"),
        ("share = [", "xx.toml: not TOML"),
        ('share = ["event(s|)"]', "xx.toml: share: .*space before"),
        ("glue = 1", "xx.toml .glue.: must be a table"),
    ],
)
def test_a_faulty_file_is_named_with_key_and_fix(tmp_path: Path, content: str, fault: str) -> None:
    """An operator learns which file, which key and what to write instead."""
    (tmp_path / "xx.toml").write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=fault):
        load(tmp_path)


def test_a_folder_that_is_not_there_adds_nothing(tmp_path: Path) -> None:
    """An operator need not have phrases of their own."""
    assert load(tmp_path / "boilerplate").match("Unsubscribe") == {"unsubscribe"}


def test_rules_travel_to_another_process() -> None:
    """They are pickled as folders, and equal after it."""
    rules = Rules(trusted_authserv_ids=("mx.example.org",))
    assert pickle.loads(pickle.dumps(rules)) == rules  # noqa: S301 (our own bytes)


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    """Whatever the text, hits lie inside it and carry known categories."""
    for hit in DEFAULT_RULES.find(text):
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.category in CATEGORIES


@given(st.text())
def test_tokens_stand_in_the_text_in_order(text: str) -> None:
    """Tokens do not overlap and never leave the text."""
    ends = [0]
    for token in tokens(text):
        assert ends[-1] <= token.start < token.end <= len(text)
        ends.append(token.end)


@given(st.text(alphabet=st.one_of(st.characters(max_codepoint=127), st.sampled_from("ÄäßİıЁё’ʼé・々の。！”“«»—•→\xa0")), max_size=60))
def test_plain_text_is_read_as_any_other(text: str) -> None:
    """Marks that ASCII has too, in its own way, and a quicker expression change nothing."""
    assert [(token.word, text[token.start : token.end]) for token in tokens(text)] == [(fold(word), word) for word in TOKEN.findall(text)]
