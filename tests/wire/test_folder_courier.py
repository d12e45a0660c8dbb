"""A folder as the way out: whole files, once each, for their owner alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.contracts import Courier, Probe, Stale, Temporary
from service.edges.folder_courier import FolderCourier, FolderProbe, file_name
from service.records import Posting


def posting(message_id: str = "<one@example.org>") -> Posting:
    """Return a small posting."""
    return Posting("daily", "2026-05-01", "digest@example.org", "reader@example.org", message_id, b"Subject: today\r\n\r\nNews.\r\n")


def test_a_posting_becomes_one_file_with_its_bytes(tmp_path: Path) -> None:
    """The folder is made when it is not there, and the answer says where the file is."""
    courier: Courier = FolderCourier(tmp_path / "out" / "box")
    answer = courier.send(posting(), lambda: None)
    assert Path(answer).read_bytes() == posting().content
    assert [path.name for path in (tmp_path / "out" / "box").iterdir()] == [Path(answer).name]


def test_the_same_posting_twice_is_one_file(tmp_path: Path) -> None:
    """A repeated sending changes nothing."""
    courier = FolderCourier(tmp_path)
    assert courier.send(posting(), lambda: None) == courier.send(posting(), lambda: None)
    assert len(list(tmp_path.iterdir())) == 1


def test_what_lies_in_the_folder_has_arrived(tmp_path: Path) -> None:
    """After a restored backup, or a crash at the dot, there is somewhere to look."""
    probe: Probe = FolderProbe(tmp_path / "box")
    assert probe.find(posting()) is False
    FolderCourier(tmp_path / "box").send(posting(), lambda: None)
    assert probe.find(posting()) is True


def test_the_file_appears_after_the_dot(tmp_path: Path) -> None:
    """When `dot` is called no .eml is to be seen yet."""
    seen: list[int] = []
    FolderCourier(tmp_path).send(posting(), lambda: seen.append(len(list(tmp_path.glob("[!.]*.eml")))))
    assert seen == [0]


def test_a_dot_that_raises_leaves_nothing(tmp_path: Path) -> None:
    """A worker that lost its claim writes no file."""

    def dot() -> None:
        raise Stale

    with pytest.raises(Stale):
        FolderCourier(tmp_path).send(posting(), dot)
    assert list(tmp_path.iterdir()) == []


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """Letters are private."""
    answer = FolderCourier(tmp_path / "box").send(posting(), lambda: None)
    assert Path(answer).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "box").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_can_not_be_written_is_temporary(tmp_path: Path) -> None:
    """Here: a file stands where the folder should be."""
    (tmp_path / "box").write_text("in the way")
    with pytest.raises(Temporary):
        FolderCourier(tmp_path / "box").send(posting(), lambda: None)


@pytest.mark.parametrize("message_id", ["<../../etc/passwd@x>", "<a/b@x>", "", "<\0@x>", "<.hidden@x>", "<" + "long" * 200 + "@x>"])
def test_no_message_id_leads_out_of_the_folder(message_id: str) -> None:
    """The name is one plain part, never hidden, of bounded length."""
    name = file_name(message_id)
    assert Path(name).name == name
    assert not name.startswith(".")
    assert len(name) < 100


def test_message_ids_that_read_alike_have_files_of_their_own() -> None:
    """What is left out of the readable part still tells them apart."""
    assert len({file_name("<a.b@x>"), file_name("<a-b@x>"), file_name("<a.b@y>"), file_name("<A.B@x>")}) == 4
