"""Where stories begin, and what stays one article."""

from __future__ import annotations

import pytest

from service.newsletter.blocks import Judged, from_html
from service.newsletter.stories import split
from service.records import Verdict
from tests.newsletter.telling import LONG, PROSE, titles, told, told_text
from tests.newsletter.timing import seconds


def test_an_article_keeps_its_inner_headings() -> None:
    """A title above headings of lower rank makes one story, its headings in the text."""
    (story,) = told(f"<h1>The Ferry</h1>{LONG}<h2>The Beginning</h2>{LONG}<h2>The End</h2>{LONG}")
    assert story.title == "The Ferry"
    assert "The Beginning\n" in story.text
    assert "The Ferry" not in story.text


def test_a_heading_that_says_the_subject_is_the_title() -> None:
    """Inner headings of the same rank stay inside where the first heading says what the subject says."""
    html = f"<h2>The Ferry</h2>{LONG}<h2>The Beginning</h2>{LONG}<h2>The End</h2>{LONG}"
    assert titles(told(html, "The Ferry")) == ["The Ferry"]


def test_headings_of_one_rank_begin_stories() -> None:
    """Without a title above them, headings of the same rank are the titles of stories."""
    html = "".join(f"<table><tr><td><h2>{title}</h2>{LONG}</td></tr></table>" for title in ("Ferries", "Buses", "Trams"))
    assert titles(told(html)) == ["Ferries", "Buses", "Trams"]


def test_linked_titles_begin_stories() -> None:
    """Titles that are links to different places begin stories, whatever their look."""
    html = "".join(f'<p><a href="https://e.example/{n}">Title number {n} stands here</a></p><p>{PROSE}</p>' for n in range(4))
    stories = told(html)
    assert titles(stories) == [f"Title number {n} stands here" for n in range(4)]
    assert stories[2].url == "https://e.example/2"
    assert stories[2].text == PROSE.strip()


def test_a_paragraph_that_begins_with_its_link_is_split_into_title_and_text() -> None:
    """`<a>Title</a> — text` is an item with that title."""
    html = "".join(f'<p><a href="https://e.example/{n}">Tool number {n}</a> — It measures the depth of water.</p>' for n in range(3))
    assert next((s.title, s.text) for s in told(html)) == ("Tool number 0", "It measures the depth of water.")


def test_a_list_of_links_is_a_story_each() -> None:
    """The items of a link list under a heading are stories, the heading over them is none."""
    items = "".join(f'<li>Harbour {n} opens a <a href="https://e.example/{n}">new quay</a> in May</li>' for n in range(3))
    assert [s.text for s in told(f"<p>Good to see you.</p><h3>Short news</h3><ul>{items}</ul>")][1:] == [
        f"Harbour {n} opens a new quay in May" for n in range(3)
    ]


def test_a_list_inside_an_article_stays_in_it() -> None:
    """Linked items between paragraphs of an article are part of it."""
    items = "".join(f'<li>Harbour {n} opens a <a href="https://e.example/{n}">new quay</a> in May</li>' for n in range(3))
    assert len(told(f"<h1>The Ferry</h1>{LONG}<ul>{items}</ul>{LONG}")) == 1


def test_a_list_that_closes_an_article_is_split_off() -> None:
    """A headed list of links with which the letter ends holds stories of its own."""
    items = "".join(f'<li><a href="https://e.example/{n}">Harbour {n} opens a new quay</a></li>' for n in range(3))
    stories = told(f"<h1>The Ferry</h1>{LONG}{LONG}<h2>What else I read</h2><ul>{items}</ul>")
    assert titles(stories) == ["The Ferry", *(f"Harbour {n} opens a new quay" for n in range(3))]


def test_labels_of_paragraphs_begin_no_stories() -> None:
    """A label such as "Why it matters:" parts a story into paragraphs."""
    labels = "".join(f"<p><b>{label}:</b> {PROSE}</p>" for label in ("Why it matters", "The big picture", "What's next"))
    html = "".join(f"<h2>{title}</h2>{labels}" for title in ("Ferries are back", "Buses are late"))
    assert titles(told(html)) == ["Ferries are back", "Buses are late"]


def test_numbered_paragraphs_are_stories() -> None:
    """A run of numbers through the letter counts stories."""
    text = "\n\n".join(f"{n}. WATER LEVEL. {PROSE}" for n in range(1, 5))
    assert titles(told_text(text)) == ["WATER LEVEL"] * 4


def test_text_cards_end_in_an_address() -> None:
    """Title, line and address, parted by empty lines: each is a story; a lone word above is a label, no story."""
    text = "\n\n".join(["Water", *(f"Harbour {n} opens\nA new quay for ferries\nhttps://e.example/{n}" for n in range(3))])
    stories = told_text(text)
    assert [(s.title, s.text, s.url) for s in stories][1] == ("Harbour 1 opens", "A new quay for ferries", "https://e.example/1")
    assert len(stories) == 3


def test_lines_that_read_as_titles_begin_stories_in_plain_text() -> None:
    """A short line without a stop, between a text and the next: twice in a section it is no accident."""
    text = "\n\n".join(f"{title}\n\n{PROSE}" for title in ("Ferry to sail again", "Bus fares go up", "Tram line closed"))
    assert titles(told_text(text)) == ["Ferry to sail again", "Bus fares go up", "Tram line closed"]


def test_the_sources_of_quotations_are_no_titles() -> None:
    """They stand below their texts: the first text has no line above it, the last has one below."""
    quotes = "\n\n".join(f'"The rain falls on the {place}, and nobody minds."\n\nEda Holm, letters' for place in ("sea", "town", "hill"))
    assert len(told_text(quotes)) == 1


def test_the_address_after_a_title_is_no_part_of_it() -> None:
    """The text versions of pages write the address of a linked title behind it in brackets."""
    text = "\n\n".join(f"{title} <https://e.example/{title[:3]}>\n\n{PROSE}" for title in ("Ferry to sail again", "Bus fares go up"))
    stories = told_text(text)
    assert [(s.title, s.url) for s in stories][1] == ("Bus fares go up", "https://e.example/Bus")


def test_steps_under_a_heading_are_no_stories() -> None:
    """Numbers without links count within the story that the heading names."""
    steps = "".join(f"<p>{n}. Stir the herring for a minute and taste it.</p>" for n in range(1, 6))
    assert titles(told(f"<h2>Herring</h2>{steps}<h2>Ferries</h2>{LONG}")) == ["Herring", "Ferries"]


def test_a_subject_that_names_two_headings_is_no_articles_title() -> None:
    """It says what the letter's stories are."""
    html = f"<h2>The Ferry Is Back</h2>{LONG}<h2>Harvest Supper</h2>{LONG}"
    assert titles(told(html, "The ferry is back, harvest supper")) == ["The Ferry Is Back", "Harvest Supper"]


def test_many_brief_texts_are_no_article() -> None:
    """Though the subject says the first of their headings."""
    html = "".join(f"<h3>{title}</h3><p>{PROSE}</p>" for title in ("The Ferry Is Back", "Weather", "Harvest", "Chess", "Bingo", "Births"))
    assert len(told(html, "The ferry is back")) == 6


def test_a_word_in_capitals_is_a_heading_among_others() -> None:
    """In a letter whose headings nothing but capitals show."""
    html = "".join(f"<p>{title}</p>{LONG}" for title in ("THE FERRY", "HARBOUR NEWS", "BOOKS"))
    assert titles(told(html)) == ["THE FERRY", "HARBOUR NEWS", "BOOKS"]


def test_headings_between_dividing_lines_are_no_articles() -> None:
    """However high the first of them stands."""
    html = "<hr>".join(f"<h{rank}>{title}</h{rank}>{LONG}" for rank, title in ((1, "Ferries"), (2, "Buses"), (2, "Trams")))
    assert titles(told(html)) == ["Ferries", "Buses", "Trams"]


def test_a_first_heading_over_nothing_is_no_article() -> None:
    """It names the letter where many headings follow."""
    html = "<h1>Island News</h1><p>What moved this week.</p>" + "".join(
        f"<h2>{title}</h2>{LONG}" for title in ("Ferries", "Buses", "Trams", "Bikes", "Boats")
    )
    assert titles(told(html, "Island News"))[1:] == ["Ferries", "Buses", "Trams", "Bikes", "Boats"]


def test_a_line_that_says_the_subject_is_the_title_of_an_article() -> None:
    """It needs not be a heading to stand above those of the article."""
    assert len(told(f"<p>Why the ferry stopped</p>{LONG}<h3>The Beginning</h3>{LONG}<h3>The End</h3>{LONG}", "Why the ferry stopped")) == 1


def test_headings_below_a_linked_title_part_its_story() -> None:
    """They are no titles of stories where the titles are links."""
    html = "".join(f'<h2><a href="https://e.example/{n}">Harbour {n} opens</a></h2>{LONG}<h3>The plan</h3>{LONG}' for n in ("A", "B"))
    assert titles(told(html)) == ["Harbour A opens", "Harbour B opens"]


def test_a_linked_heading_beside_an_article_is_a_story() -> None:
    """The article's inner headings are no links."""
    linked = '<a href="https://e.example/{}">{}</a>'.format
    html = f"<h1>{linked(1, 'The Ferry')}</h1>{LONG}<h2>The Beginning</h2>{LONG}<h2>{linked(2, 'Letters to us')}</h2><p>{PROSE}</p>"
    assert titles(told(html, "The Ferry")) == ["The Ferry", "Letters to us"]


def test_a_linked_heading_begins_a_story_though_it_is_the_only_one() -> None:
    """What stands above it is another."""
    html = f'<p>{PROSE * 4}</p><h3><a href="https://e.example/1">Harbour opens</a></h3><p>{PROSE}</p>'
    assert titles(told(html)) == [None, "Harbour opens"]


def test_headings_right_under_a_heading_begin_stories() -> None:
    """They stand as a group under it, though headings elsewhere in the letter rank higher."""
    group = "".join(f"<h3>{title}</h3><p>{PROSE}</p>" for title in ("Jazz", "Bingo"))
    html = f"<p>{PROSE}</p><h2>Ferries</h2>{LONG}<h2>Buses</h2>{LONG}<h2>Friday</h2>{group}"
    assert titles(told(html))[1:] == ["Ferries", "Buses", "Jazz", "Bingo"]


def test_a_bullet_makes_an_item() -> None:
    """Also where a page sets its list as paragraphs."""
    items = "".join(f'<p>• Harbour {n} opens a <a href="https://e.example/{n}">new quay</a> in May</p>' for n in range(3))
    assert len(told(f"<h2>Ferries</h2>{LONG}<h2>Short news</h2>{items}")) == 4


@pytest.mark.parametrize(("line", "count"), [("— Anna from Horsens", 1), ("— News from Horsens —", 2)])
def test_who_says_it_is_no_heading(line: str, count: int) -> None:
    """A bold line that begins with a dash names whose letter stands above it, unless dashes frame it."""
    assert len(told(f"<p><b>Letters</b></p>{LONG}<p><b>{line}</b></p>{LONG}")) == count


def test_signs_make_headings_in_plain_text() -> None:
    """Japanese letters begin their items with a filled square."""
    text = (
        "■ 新しいフェリーが就航\n五月から毎時運航します。島の人々は喜んでいます。\n\n■ 橋の工事が終わる\n工事は予定より早く終わりました。"
    )
    assert titles(told_text(text)) == ["新しいフェリーが就航", "橋の工事が終わる"]


def test_an_editors_note_is_a_story_of_its_own() -> None:
    """What stands before the first item is not part of it."""
    cards = "".join(f'<h2><a href="https://e.example/{n}">Title number {n} is here</a></h2><p>{PROSE}</p>' for n in range(3))
    stories = told(f"<p>{PROSE}</p>{cards}")
    assert (stories[0].title, len(stories)) == (None, 4)


def test_a_kicker_goes_with_its_title() -> None:
    """A heading over one heading is part of the same story; the linked one is the title."""
    html = "".join(
        f'<h4>Place {n}</h4><h2><a href="https://e.example/{n}">Harbour {n} opens</a></h2><p>{PROSE}</p>' for n in ("A", "B", "C")
    )
    stories = told(html)
    assert titles(stories) == ["Harbour A opens", "Harbour B opens", "Harbour C opens"]
    assert stories[0].text == f"Place A\n{PROSE.strip()}"


def test_a_heading_that_was_taken_out_parts_stories() -> None:
    """What stands under it does not belong to the story above, however low it ranks."""
    pieces = from_html(f"<body><h2>Ferries</h2>{LONG}<h2>Buses</h2>{LONG}<h4>In short</h4><p>The trams run late on Sundays.</p></body>")
    judged = [Judged(p, Verdict.BOILERPLATE, "a heading") if p.text == "In short" else Judged(p) for p in pieces]
    assert [s.title or s.text for s in split(judged)[1]] == ["Ferries", "Buses", "The trams run late on Sundays."]


def test_long_numbered_parts_are_of_one_article() -> None:
    """A title right above long parts names an article; above short ones it names the letter."""
    heads = [f"{number}. A Part" for number in ("I", "II", "III", "IV")]
    parts = "".join(f"<h2>{head}</h2>{LONG}" for head in heads)
    assert titles(told(f"<h1>The Ferry</h1><p>By Ida</p>{parts.replace(LONG, LONG * 6)}")) == ["The Ferry"]
    assert titles(told(f"<h1>The Ferry</h1><p>By Ida</p>{parts}"))[1:] == heads


def test_a_title_said_twice_is_that_of_its_article() -> None:
    """The heading that repeats the first one is its article's, where no other ranks as high."""
    parts = "".join(f"<h3>Part {number}</h3>{LONG}" for number in range(4))
    assert len(told(f"<h4>#44: The late ferry</h4><h2>The late ferry</h2>{LONG}{parts}", "#44: The late ferry")) == 1


def test_an_article_goes_on_below_a_card_that_leads_to_another() -> None:
    """A linked heading in the midst of an article begins no story where headings as high have text below it."""
    card = f'<h4><a href="https://e.example/2">How to row</a></h4><p>{PROSE}</p>'
    article = f"<h1>The Ferry</h1>{LONG}{card}<h2>The Crew</h2>{LONG}<h2>The End</h2>{LONG}"
    assert titles(told(article)) == ["The Ferry"]
    assert titles(told(f"{article}{card}")) == ["The Ferry", "How to row"]


def test_a_card_of_another_post_parts_no_article() -> None:
    """Headings of one rank are inner ones of the article that the subject names, also where a card with a linked title follows."""
    parts = "".join(f"<h1>Part {number}</h1>{LONG * 2}" for number in range(3))
    card = f'<table><tr><td><h4><a href="https://e.example/2">How to row</a></h4><p>{PROSE}</p></td></tr></table>'
    assert titles(told(f"<div><h1>The Ferry</h1>{LONG}{parts}</div>{card}", "The Ferry")) == ["The Ferry", "How to row"]


def test_many_headings_in_an_article_take_little_time() -> None:
    """Thousands that are links, and as many that are none: neither is gone through for each of the others."""
    linked = "".join(f'<h3><a href="https://a.example/{n}">Read on {n}</a></h3>' for n in range(2400))
    parts = "".join(f"<h4>Part {n}</h4>" for n in range(2400))
    assert seconds(lambda: told(f"<h1>The last ferry</h1>{LONG}{linked}{parts}", "The last ferry")) < 3
