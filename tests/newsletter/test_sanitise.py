"""Bodies before the parsers see them: caps, and nothing lost in ordinary ones."""

from __future__ import annotations

from service.newsletter.sanitise import LINES, OCTETS, TAGS, seen, tame, tame_text


def test_ordinary_html_is_left_as_it_is() -> None:
    """Caps are far above what letters need."""
    html = '<table><tr><td style="color: red">a <b>b</b><br>c</td></tr></table><!-- note --><p title="x > y">d'
    assert tame(html) == html


def test_a_tag_with_too_many_attributes_loses_them() -> None:
    """Parsers compare each attribute with all before it."""
    assert tame("<p " + " ".join(f"a{i}=1" for i in range(5000)) + ">x") == "<p>x"


def test_the_number_of_tags_is_capped() -> None:
    """Half a million paragraphs are no letter."""
    tamed = tame("<p>x" * (2 * TAGS))
    assert tamed.count("<p>") == TAGS
    assert tamed.count("x") == 2 * TAGS


def test_octets_are_capped() -> None:
    """Two million are enough for any letter."""
    assert len(tame("a" * (3 * OCTETS))) == OCTETS


def test_lines_of_plain_text_are_capped_and_the_words_stay() -> None:
    """The rest is one line, up to what a letter can hold."""
    tamed = tame_text("a\n" * (2 * LINES))
    assert tamed.count("\n") == LINES
    assert tamed.count("a") == 2 * LINES


def test_comments_styles_and_scripts_are_not_seen() -> None:
    """What no reader sees is cut where it is closed, and stays where it never is."""
    assert seen("a<!-- b -->c<style>d</style>e<script>f</SCRIPT>g<!-- h").split() == ["a", "c", "e", "g<!--", "h"]
