"""From the mailbox to the digest: the daemon as a process, between real servers."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.journey.beds import Bed, Daemon, dovecot_bed, loopback_bed, text_of
from tests.journey.invented import newsletter
from tests.journey.shifted_daemon import ShiftedClock
from tests.newsletter.test_small_letters import GLUE, SCRAPED
from tests.servers import dovecot
from tests.servers.waiting import wait_until

PATIENCE = 40.0


@pytest.fixture(params=["pymap", pytest.param("dovecot", marks=pytest.mark.dovecot)])
def bed(request: pytest.FixtureRequest) -> Iterator[Bed]:
    """Give each kind of bed in turn."""
    if request.param == "dovecot" and (why := dovecot.missing()):
        pytest.skip(why)
    with loopback_bed() if request.param == "pymap" else dovecot_bed() as made:
        yield made


def titles(bed: Bed) -> Counter[str]:
    """Return how often each letter's digest was sent; its title stands in the subject."""
    return Counter(title for mail in bed.sent() for title in re.findall(r"Bridge \d+ opens", str(mail["subject"])))


def test_a_letter_comes_in_and_its_digest_goes_out(bed: Bed, tmp_path: Path) -> None:
    """The whole road once: every sentence stood in the letter, and nothing of its wrapping is shown."""
    bed.deliver(newsletter(7))
    with Daemon(bed.environment(), tmp_path / "data"):
        wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)

    digest = bed.sent()[0]
    text = re.sub(r"\s+", " ", text_of(digest))
    assert (digest["auto-submitted"], digest["to"]) == ("auto-generated", "reader@demo.example")
    assert "The town of Number 7 has opened its new bridge over the river." in text
    assert not re.search("Sign up|Unsubscribe|Privacy", text)


def test_a_second_run_sends_nothing_twice(bed: Bed, tmp_path: Path) -> None:
    """What was sent stays sent; the daemon meets its own digests in the mailbox and digests none of them."""
    for number in (1, 2, 3):
        bed.deliver(newsletter(number))
    with Daemon(bed.environment(), tmp_path / "data") as first:
        wait_until(lambda: len(titles(bed)) == 3, "three digests", PATIENCE)
        assert first.stop() == 0
    bed.deliver(newsletter(4))
    with Daemon(bed.environment(), tmp_path / "data") as second:
        wait_until(lambda: len(titles(bed)) == 4, "the fourth digest", PATIENCE)
        assert second.stop() == 0

    assert titles(bed) == Counter({f"Bridge {number} opens": 1 for number in (1, 2, 3, 4)})


def test_a_folder_that_nobody_idles_on_is_polled(tmp_path: Path) -> None:
    """IDLE hears of the first folder alone; a letter in another one waits for as long as the poll interval, no longer."""
    with loopback_bed() as bed:
        bed.servers.add_folder("News")
        with Daemon({**bed.environment(), "NUTGRAF_IMAP_FOLDERS": "INBOX, News"}, tmp_path / "data"):
            bed.deliver(newsletter(1))
            wait_until(lambda: len(titles(bed)) == 1, "the digest of a letter in the first folder", PATIENCE)
            bed.servers.deliver(newsletter(2), folder="News")
            wait_until(lambda: len(titles(bed)) == 2, "the digest of a letter in the second folder", PATIENCE)


def test_killed_in_the_middle_and_started_again_nothing_is_lost_or_sent_twice(bed: Bed, tmp_path: Path) -> None:
    """SIGKILL at four moments of the work; every letter's digest arrives once."""
    numbers = range(1, 9)
    for number in numbers:
        bed.deliver(newsletter(number))
    for sent in (0, 1, 2, 5):
        with Daemon(bed.environment(), tmp_path / "data") as daemon:
            wait_until(lambda sent=sent: len(titles(bed)) >= sent, f"{sent} digests", PATIENCE)  # type: ignore[misc]
            daemon.kill()
    clock = ShiftedClock(tmp_path / "clock")
    with Daemon(bed.environment(), tmp_path / "data", ("-m", "tests.journey.shifted_daemon", str(tmp_path / "clock"))):
        for _ in range(3):  # one that was cut off at its final dot rests for ten minutes, and is looked for twice
            with suppress(AssertionError):
                wait_until(lambda: len(titles(bed)) == 8, "all eight digests", PATIENCE / 2)
            clock.pass_time(timedelta(minutes=15))
        wait_until(lambda: len(titles(bed)) == 8, "all eight digests", PATIENCE)
        bed.deliver(newsletter(9))
        wait_until(lambda: len(titles(bed)) == 9, "the ninth digest", PATIENCE)

    assert titles(bed) == Counter({f"Bridge {number} opens": 1 for number in (*numbers, 9)})


def test_a_scraped_article_with_a_form_glued_to_it_becomes_two_or_three_of_its_sentences(tmp_path: Path) -> None:
    """The kind of document that the project was made for, the whole way: sentences of the article, in order, and no word of the glue."""
    body = "\n\n".join([" " + GLUE, *SCRAPED]).replace("\n", "\r\n")
    head = "From: The Tide Table <news@tide.example>\r\nSubject: The buoy\r\nList-Id: <tide.example>\r\nMIME-Version: 1.0\r\n"
    with loopback_bed() as bed:
        bed.deliver(f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n".encode())
        with Daemon(bed.environment(), tmp_path / "data"):
            wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)
        text = " ".join(text_of(bed.sent()[0]).split())

    places = [text.find(sentence) for sentence in SCRAPED if sentence in text]
    assert 2 <= len(places) <= 3
    assert places == sorted(places)
    assert not re.search("Sign up|SIGN UP|valid email|emailed|privacy|Thanks for", text)


def test_a_daily_edition_waits_for_its_hour(tmp_path: Path) -> None:
    """A letter that came now is no digest before tomorrow's appointment."""
    with loopback_bed() as bed:
        bed.deliver(newsletter(1))
        environment = {**bed.environment(), "NUTGRAF_SCHEDULE": "daily 00:00 Pacific/Kiritimati"}
        with Daemon(environment, tmp_path / "data") as daemon:
            wait_until(lambda: "condensed a story" in daemon.log.read_text(), "the story is condensed", PATIENCE)
            assert daemon.stop() == 0

        assert bed.sent() == []


def test_sighup_reads_the_settings_again(tmp_path: Path) -> None:
    """An edition that is changed on disk is in force after SIGHUP, without a restart."""
    config = tmp_path / "config"
    config.mkdir()
    editions = config / "editions.toml"
    editions.write_text('[[edition]]\nname = "a"\ntimetable = "weekly mon 08:00"\n')
    with loopback_bed() as bed:
        environment = {**bed.environment(), "NUTGRAF_CONFIG_DIR": str(config)}
        with Daemon(environment, tmp_path / "data") as daemon:
            wait_until(lambda: "action=started" in daemon.log.read_text(), "the daemon has started", PATIENCE)
            editions.write_text('[[edition]]\nname = "b"\ntimetable = "each letter"\n')
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: daemon.log.read_text().count("action=started") == 2, "it has started again", PATIENCE)
            bed.deliver(newsletter(5))
            wait_until(lambda: bool(bed.sent()), "a digest of the new edition", PATIENCE)

        assert "action=reload" in daemon.log.read_text()


def test_a_data_folder_that_moved_needs_a_restart(tmp_path: Path) -> None:
    """At SIGHUP the daemon stays where its lock is, and says so: in the new folder another one may be at work."""
    (tmp_path / ".env").write_text(f"NUTGRAF_DATA_DIR={tmp_path / 'old'}\n")
    with loopback_bed() as bed, Daemon({**bed.environment(), "NUTGRAF_DATA_DIR": ""}, tmp_path) as daemon:
        wait_until(lambda: "action=started" in daemon.log.read_text(), "the daemon has started", PATIENCE)
        (tmp_path / ".env").write_text(f"NUTGRAF_DATA_DIR={tmp_path / 'new'}\n")
        daemon.process.send_signal(signal.SIGHUP)
        wait_until(lambda: daemon.log.read_text().count("action=started") == 2, "it has started again", PATIENCE)
        assert "NUTGRAF_DATA_DIR: the store has moved; restart Nutgraf for that" in daemon.log.read_text()
        bed.deliver(newsletter(5))
        wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)
        assert not (tmp_path / "new").exists()


def test_a_template_that_broke_meanwhile_stops_nothing(tmp_path: Path) -> None:
    """At SIGHUP the one that worked stays in force, and the log names the line."""
    templates = tmp_path / "config" / "templates"
    templates.mkdir(parents=True)
    with loopback_bed() as bed:
        environment = {**bed.environment(), "NUTGRAF_CONFIG_DIR": str(templates.parent)}
        with Daemon(environment, tmp_path / "data") as daemon:
            wait_until(lambda: "action=started" in daemon.log.read_text(), "the daemon has started", PATIENCE)
            (templates / "digest.txt").write_text("{{ tilte }}")
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: daemon.log.read_text().count("action=started") == 2, "it has started again", PATIENCE)
            bed.deliver(newsletter(6))
            wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)

        assert "digest.txt: line 1: 'tilte' is undefined" in daemon.log.read_text()


def test_a_mailbox_that_is_away_heals_by_itself(tmp_path: Path) -> None:
    """The daemon starts without its server, says so, and goes on when the server is there."""
    with loopback_bed() as bed:
        environment = bed.environment()
        away = {**environment, "NUTGRAF_IMAP_PORT": "1"}
        with Daemon(away, tmp_path / "data") as daemon:
            wait_until(lambda: "action=postponed" in daemon.log.read_text(), "it says that the server is away", PATIENCE)
            assert daemon.stop() == 0
        bed.deliver(newsletter(6))
        with Daemon(environment, tmp_path / "data"):
            wait_until(lambda: bool(bed.sent()), "a digest", PATIENCE)
