"""What recurs across issues is wrapping."""

from __future__ import annotations

from service.newsletter import EMPTY, read, remember
from service.newsletter.blocks import Piece
from service.newsletter.memory import MOST_HASHES, MOST_ISSUES, recurring, stood
from service.records import Block, Kind, Memory, Newsletter, Unreadable


def issue(*texts: str) -> Newsletter:
    """Return a newsletter of these blocks."""
    blocks = tuple(Block(text) for text in texts)
    return Newsletter("paper.example", None, Kind.NEWSLETTER, None, None, "en", blocks, ())


def after(*issues: Newsletter, memory: Memory = EMPTY) -> Memory:
    """Return the memory of these issues."""
    for one in issues:
        memory = remember(memory, one)
    return memory


def known(memory: Memory, *texts: str, level: int = 0, believed: bool = False) -> list[bool]:
    """Return which texts recur; the first one is of the heading level given."""
    pieces = [Piece(text, level=level if place == 0 else 0) for place, text in enumerate(texts)]
    return recurring(pieces, stood(memory, pieces, range(len(pieces)) if believed else ()))


BIO = "Maria writes from a lighthouse and has two goats, neither of whom can read."


def test_what_stood_in_the_issues_before_recurs() -> None:
    """Without a phrase of any language."""
    memory = after(*(issue(f"Story {'abcd'[n]} of the week.", BIO) for n in range(3)))
    assert known(memory, "A new story.", BIO) == [False, True]


def test_one_issue_is_not_enough() -> None:
    """What stood there once may be a story told twice."""
    assert known(after(issue("A story.", BIO)), BIO) == [False]


def test_a_sentence_of_one_issue_is_enough_after_several() -> None:
    """Nobody writes the same sentence again as news."""
    memory = after(issue("Story a.", BIO), issue("Story b."), issue("Story c."))
    assert known(memory, "A new story.", "And another one.", BIO) == [False, False, True]


def test_an_issue_sent_again_is_read_as_the_first_time() -> None:
    """A correction repeats nearly everything."""
    story = "The bridge was opened on Monday morning by the mayor of the town."
    memory = after(issue(story), issue("Story b."), issue("Story c."))
    assert known(memory, story) == [False]


def test_the_end_of_a_block_is_known_whatever_its_beginning() -> None:
    """A bio whose first sentence is new each time."""
    end = "and writes this letter from a lighthouse with her goats."
    memory = after(
        *(issue(f"Story {name}.", f"Maria {did} last week {end}") for name, did in (("a", "swam"), ("b", "slept"), ("c", "sang")))
    )
    assert known(memory, "A new story.", f"Maria rowed around the island alone {end}") == [False, True]


def test_numbers_may_change() -> None:
    """A count or a date in a footer does not make it new."""
    memory = after(*(issue(f"Story {'abcd'[n]}.", f"You are one of {n}00 readers of this letter.") for n in range(3)))
    assert known(memory, "You are one of 912 readers of this letter.") == [True]


PRICES = tuple(
    issue(f"The price of wheat closed at {n}5 a ton, as {who} had foreseen.") for n, who in ((31, "Ada"), (28, "Bo"), (33, "Cy"))
)


def test_a_report_in_the_words_of_yesterday_is_news() -> None:
    """What is surely text is not known again by its beginning, nor with other numbers."""
    new = ("The price of wheat closed at 299 a ton, as Dee had foreseen.", "The price of wheat closed at 421 a ton, as Ada had foreseen.")
    assert known(after(*PRICES), *new, believed=True) == [False, False]
    assert known(after(*PRICES), *new) == [True, True]


def test_what_recurs_word_for_word_is_known_however_much_it_looks_like_text() -> None:
    """The same bio in each issue."""
    assert known(after(*(issue(f"Story {'abc'[n]}.", BIO) for n in range(3))), "A new story.", BIO, believed=True) == [False, True]


def test_a_line_of_figures_is_known_with_the_same_ones_alone() -> None:
    """A table of prices is not wrapping."""
    memory = after(*(issue(f"Story {'abc'[n]}.", f"Wheat, a ton: {n + 3}12.50", "Issue 12, 2 Quay St") for n in range(3)))
    assert known(memory, "Wheat, a ton: 299.25", "Issue 12, 2 Quay St") == [False, True]


def test_the_frame_of_a_sponsor_is_known_by_its_first_words() -> None:
    """Whoever the sponsor is this week."""
    sponsors = ("Acme, who make boots", "Bolt, who make doors", "Crate, who make boxes")
    memory = after(*(issue("Story " + name, f"We could not send this for free without {name}.") for name in sponsors))
    assert known(memory, "We could not send this for free without Dune, who sell sand.") == [True]


def test_a_recurring_heading_over_fresh_text_stays() -> None:
    """A section of its own has the same heading every week."""
    memory = after(*(issue("From the harbour", f"Ship {'abcd'[n]} came in.", BIO) for n in range(4)))
    assert known(memory, "From the harbour", "A fifth ship came in.", level=2) == [False, False]


def test_a_recurring_heading_over_recurring_text_goes() -> None:
    """The heading of the bio goes with the bio."""
    memory = after(*(issue(f"Story {'abcd'[n]}.", "About the author", BIO) for n in range(4)))
    assert known(memory, "About the author", BIO, level=2) == [True, True]


def test_the_same_issue_twice_changes_nothing() -> None:
    """However often it is delivered."""
    memory = after(issue("A story.", BIO))
    assert remember(memory, issue("A story.", BIO)) == memory


def test_an_unreadable_letter_changes_nothing() -> None:
    """There is nothing to remember of it."""
    assert remember(EMPTY, Unreadable("no text")) == EMPTY


def test_no_text_is_kept() -> None:
    """Hashes only, and another salt makes others."""
    one, other = after(issue(BIO), memory=Memory(b"a")), after(issue(BIO), memory=Memory(b"b"))
    assert not {key for key, _ in one.seen} & {key for key, _ in other.seen}
    assert "goats" not in repr(one)


def test_memory_is_bounded() -> None:
    """Issues and hashes, whatever comes."""
    memory = after(
        *(issue(*(f"word{'abcdefghij'[n % 10]}{'klmnopqrst'[m % 10]}{chr(97 + m // 10)}x {n}" for m in range(200))) for n in range(45))
    )
    assert len(memory.issues) <= MOST_ISSUES
    assert len(memory.seen) <= MOST_HASHES


def test_reading_with_memory_drops_the_bio() -> None:
    """The whole way: read, remember, read."""
    page = "<h1>{0}</h1>" + "<p>{0} and what came of it, told in two sentences. The second one is this.</p>" * 3 + f"<p>{BIO}</p>"
    memory = EMPTY
    for title in ("The bridge", "The harbour", "The mill"):
        memory = remember(memory, read(page.format(title).encode()))
    newsletter = read(page.format("The market").encode(), memory=memory)
    assert isinstance(newsletter, Newsletter)
    assert BIO not in " ".join(story.text for story in newsletter.stories)
