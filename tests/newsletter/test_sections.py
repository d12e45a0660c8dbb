"""What a label governs."""

from __future__ import annotations

from service.newsletter.blocks import Shape, from_html, from_text
from service.newsletter.features import evidence, visible
from service.newsletter.phrases import DEFAULT_RULES
from service.newsletter.sections import evidence_of, governed


def under_labels(html: str) -> list[str]:
    """Return the texts that labels govern."""
    pieces = from_html(html)
    shown = visible(pieces)
    marks = {piece.place: piece.shape for piece in pieces if piece.shape in (Shape.RULE, Shape.IMAGE)}
    found = governed(shown, [evidence(piece, DEFAULT_RULES) for piece in shown], marks)
    return [shown[index].text for index in sorted(found)]


def test_a_heading_governs_down_to_the_next_heading() -> None:
    """Jobs are jobs until something else is headed."""
    html = "<h2>News</h2><p>A bridge.</p><h2>Jobs</h2><p>Baker wanted.</p><p>Smith wanted.</p><h2>Weather</h2><p>Rain.</p>"
    assert under_labels(html) == ["Jobs", "Baker wanted.", "Smith wanted."]


def test_a_label_governs_down_to_the_next_rule() -> None:
    """A drawn line ends what the label began."""
    assert under_labels("<p>A bridge.</p><p>Sponsored</p><p>Buy boots.</p><hr><p>Rain.</p>") == ["Sponsored", "Buy boots."]


def test_a_tail_governs_the_rest_of_its_card() -> None:
    """The sponsor's name often stands last, and says it all."""
    card = "<div><p>{}</p><p>{}</p></div>"
    html = "".join(card.format(*texts) for texts in (("A bridge.", "Anna"), ("Boots!", "Acme sponsor"), ("Rain.", "Bo"), ("Snow.", "Cy")))
    assert under_labels(html) == ["Boots!", "Acme sponsor"]


def test_a_sentence_that_speaks_of_sponsors_governs_nothing() -> None:
    """Only a short label does."""
    html = "<p>The club lost the shirt sponsor that had paid for its new stand, and the town has to find the money now.</p><p>Rain.</p>"
    assert under_labels(html) == []


def test_a_logo_after_the_label_is_all_it_governs() -> None:
    """A logo "together with" which the letter comes, and then the first story."""
    html = '<p>Together with</p><img src="x" width="200" alt="Acme"><h1>The bridge is open</h1><p>Cars crossed it.</p>'
    assert under_labels(html) == ["Together with"]


def test_a_label_with_a_colon_governs_what_is_below() -> None:
    """The vacancy's name stands in its heading."""
    html = "<h2>News</h2><p>A bridge.</p><h2>Job opening: baker</h2><p>Bread for the whole town.</p><h2>Weather</h2><p>Rain.</p>"
    assert under_labels(html) == ["Job opening: baker", "Bread for the whole town."]


def test_the_header_fields_of_a_forwarded_letter_are_housekeeping() -> None:
    """Three in a row are no sentence of the article."""
    pieces = visible(from_html("<p>From: Anna</p><p>Date: Monday</p><p>Subject: The bridge</p><p>The bridge is open.</p>"))
    assert ["housekeeping" in found.whole for found in evidence_of(pieces, DEFAULT_RULES)] == [True, True, True, False]


def test_two_lines_with_colons_are_no_header() -> None:
    """A notice may say from and to."""
    pieces = visible(from_html("<p>From: the harbour</p><p>To: the island</p><p>The ferry leaves at five.</p>"))
    assert not any("housekeeping" in found.whole for found in evidence_of(pieces, DEFAULT_RULES))


def test_a_row_of_buttons_is_all_button() -> None:
    """Parted by a bar, each says what it says alone."""
    pieces = visible(from_html("<p>5 July 2024 | Read more | Share</p><p>Read more | The bridge is open</p>"))
    assert [bool(found.whole) for found in evidence_of(pieces, DEFAULT_RULES)] == [True, False]


def test_the_report_of_a_filter_is_housekeeping() -> None:
    """What SpamAssassin wrote above letters that it doubted."""
    pieces = visible(from_text("SPAM: Content analysis details: (5.30 hits, 5 required)\n\nThe bridge is open.\n"))
    assert ["housekeeping" in found.whole for found in evidence_of(pieces, DEFAULT_RULES)] == [True, False]


def test_news_of_jobs_is_news() -> None:
    """A heading that begins like a label goes on as a sentence."""
    html = "<h2>Hiring freeze at the mint</h2><p>Fewer coins are struck.</p><h2>Job cuts in the harbour</h2><p>Cranes stand still.</p>"
    assert under_labels(html) == []
