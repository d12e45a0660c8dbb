"""Who publishes: stable identities and true names."""

from __future__ import annotations

import pytest

from service.newsletter.headers import Headers, parse
from service.newsletter.source import identity, publisher, registered, sender, subject


def of(author: str, **more: str) -> Headers:
    """Return header fields; underscores in names stand for hyphens."""
    fields = "".join(f"\n{name.replace('_', '-')}: {value}" for name, value in more.items())
    return parse(f"From: {author}{fields}".encode())


def test_the_list_id_comes_first() -> None:
    """From may change from issue to issue, the list's own name does not."""
    one, two = (of(author, list_id="The Paper <Weekly.Paper.example>") for author in ("a@paper.example", "b@send.example"))
    assert identity(one) == identity(two) == "weekly.paper.example"


def test_without_a_list_id_the_address_is_the_identity() -> None:
    """In lower case, without a tag."""
    assert identity(of("The Paper <News+Monday@Paper.example>")) == "news@paper.example"


@pytest.mark.parametrize(
    "author",
    [
        "The Paper <news-8f3a9c7712d0@paper.example>",
        "The Paper <news+reader=home.example@paper.example>",
        "The Paper <news.20240521113@paper.example>",
        "The Paper <news#a.b.c@paper.example>",
    ],
)
def test_an_address_for_each_reader_is_one_source(author: str) -> None:
    """What was drawn for a reader or a mailing is taken out."""
    assert identity(of(author)) == "news@paper.example"


@pytest.mark.parametrize("local", ["bounce+8f7a9b2c", "reply-fe8d10707263017e7d-21_HTML", "2.20964.41-7D35gjBImbOc.1"])
def test_where_nothing_of_the_address_is_left_the_name_stands_in(local: str) -> None:
    """An address that is a token says nothing; the display name and the owner of the domain do."""
    assert identity(of(f"The Paper <{local}@m4.paper.example>")) == "the-paper@paper.example"


def test_names_with_figures_are_kept() -> None:
    """A year or a number of a person's own is no token."""
    assert identity(of("john.smith42@paper.example")) == "john.smith42@paper.example"


@pytest.mark.parametrize(
    ("author", "more"),
    [
        ('"News" <x@simplelogin.co>', {"X_SimpleLogin_Original_From": "The Paper <news@paper.example>"}),
        ('"The Paper - news(a)paper.example" <news_at_paper_example_kqzvx7@simplelogin.co>', {}),
        ("\"The Paper 'news at paper.example'\" <alias+news=paper.example@anonaddy.me>", {}),
        ('"news@paper.example [via Relay]" <abc@mozmail.com>', {}),
        ('"The Paper" <news_at_paper_example_2k3jf8d_a1b2c3d4@privaterelay.appleid.com>', {}),
        ("news_at_paper.example_alias@duck.com", {}),
    ],
)
def test_relays_are_seen_through(author: str, more: dict[str, str]) -> None:
    """The address that a relay hides or spells out is the source."""
    assert identity(of(author, **more)) == "news@paper.example"


def test_a_platform_s_shared_address_is_told_apart_by_name() -> None:
    """One address sends thousands of publications."""
    assert identity(of('"Anna\'s Letter via LinkedIn" <newsletters-noreply@linkedin.com>')) == "anna-s-letter@linkedin.com"


@pytest.mark.parametrize(
    ("author", "more", "name"),
    [
        ("The Paper <a@paper.example>", {}, "The Paper"),
        ("a@paper.example (The Paper)", {}, "The Paper"),
        ("The Paper via Google Groups <a@groups.example>", {}, "The Paper"),
        ('"news@paper.example" <a@paper.example>', {}, "paper.example"),
        ("a@paper.example", {"list_id": "The Weekly Paper <weekly.paper.example>"}, "The Weekly Paper"),
        ("a@mail.paper.co.uk", {}, "paper.co.uk"),
    ],
)
def test_the_publisher_s_name(author: str, more: dict[str, str], name: str) -> None:
    """The display name, without "via"; else the list's; else the domain."""
    assert publisher(of(author, **more)) == name


def test_nobody_has_no_name() -> None:
    """A letter without From names nobody."""
    assert (identity(Headers()), publisher(Headers()), sender(Headers()).address) == ("", None, "")


def test_the_display_name_is_never_taken_for_the_address() -> None:
    """`boss@our.example` as a name is a trick."""
    assert sender(of('"boss@our.example" <evil@x.example>')).address == "evil@x.example"


def test_quotes_out_of_place_do_not_hide_the_sender() -> None:
    """Some programs quote the address and not the name."""
    fields = of('The Paper" <news@paper.example>"')
    assert (identity(fields), publisher(fields)) == ("news@paper.example", "The Paper")


def test_the_subject_loses_invisible_signs() -> None:
    """Zero-width and direction signs are not for people."""
    assert subject(parse("Subject: a\u200bb\u202e c".encode())) == "ab c"


def test_registered_domain() -> None:
    """A rule of thumb for two-letter countries."""
    assert [registered(d) for d in ("news.paper.example", "a.b.paper.co.uk", "paper.example")] == [
        "paper.example",
        "paper.co.uk",
        "paper.example",
    ]
