"""IMAP: waiting for letters, and noticing that nobody is there any more. Numbers as in docs/reliability.md."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from service.contracts import Temporary
from service.edges.imap_connection import ImapAccount
from service.edges.imap_faults import ConnectionLost
from service.edges.imap_idle import IdlePace
from service.edges.imap_mailbox import ImapMailbox
from service.edges.loopback_servers import LoopbackServers
from service.edges.tls import Security
from tests.contract.mailbox_contract import letter
from tests.servers.dovecot import Dovecot
from tests.servers.fault_proxy import FaultProxy, How
from tests.servers.scripted_imap import Command, ScriptedImap
from tests.servers.waiting import wait_until

QUICK = IdlePace(slice=timedelta(seconds=0.3), look_up=timedelta(seconds=0.05))
LONG = IdlePace(slice=timedelta(seconds=45), look_up=timedelta(seconds=0.05))


class Watch:
    """A watch in a thread of its own; `changes` counts the calls, `failure` is what ended it."""

    def __init__(self, account: ImapAccount, pace: IdlePace) -> None:
        self.changes = 0
        self.failure: Exception | None = None
        self.stop = threading.Event()
        self._mailbox = ImapMailbox("imap", account, pace=pace)
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._mailbox.watch(self._changed, self.stop.is_set)
        except Temporary as failure:
            self.failure = failure

    def _changed(self) -> None:
        self.changes += 1

    def wait_for_changes(self, number: int) -> None:
        """Wait until `changed` was called that often."""
        wait_until(lambda: self.changes >= number, f"{number} changes")

    def wait_for_the_end(self, seconds: float = 15) -> None:
        """Wait until the watch has ended by itself."""
        self.thread.join(seconds)
        assert not self.thread.is_alive(), "the watch goes on"


@contextmanager
def watching(account: ImapAccount, pace: IdlePace = LONG) -> Iterator[Watch]:
    """Watch until the end of the block."""
    watch = Watch(account, pace)
    watch.thread.start()
    try:
        yield watch
    finally:
        watch.stop.set()
        watch.thread.join(10)


def idling(then: Callable[[Command], None]) -> ScriptedImap:
    """Return a server that begins an idle and then does something else."""

    def idle(command: Command) -> None:
        command.connection.send(b"+ idling\r\n")
        then(command)

    return ScriptedImap([letter(1)], {"IDLE": idle})


def test_fault_15_pymap_tells_an_arrival() -> None:
    """15: pymap writes its lines in pieces, which may come one by one."""
    with LoopbackServers({"reader": "secret"}) as servers:
        account = ImapAccount(servers.host, "reader", "secret", servers.imap_port, Security.PLAIN)
        with watching(account, LONG) as watch:
            watch.wait_for_changes(1)
            servers.deliver(letter(1))
            watch.wait_for_changes(2)
    assert watch.failure is None


@pytest.mark.dovecot
def test_dovecot_tells_an_arrival_over_tls(dovecot_server: Dovecot) -> None:
    """The beginning counts as a change, and so does a letter, long before the slice ends."""
    with watching(dovecot_server.account("idler", Security.TLS)) as watch:
        watch.wait_for_changes(1)
        began = time.monotonic()
        dovecot_server.deliver(letter(1), user="idler")
        watch.wait_for_changes(2)
    assert time.monotonic() - began < 10
    assert watch.failure is None


def test_fault_14_a_server_without_idle_is_left_to_polling() -> None:
    """14: the watch returns at once."""
    with ScriptedImap(capabilities="IMAP4rev1") as server, watching(server.account()) as watch:
        watch.wait_for_the_end()
    assert (watch.changes, watch.failure) == (0, None)


def test_fault_14_a_refused_idle_is_left_to_polling() -> None:
    """14: so it does when the server has too many who idle."""
    with ScriptedImap(answers={"IDLE": lambda command: command.no("too many idlers")}) as server, watching(server.account()) as watch:
        watch.wait_for_the_end()
    assert (watch.changes, watch.failure) == (0, None)


@pytest.mark.parametrize("end", ["FIN", "RST"])
def test_fault_9_an_end_of_the_connection_in_idle_is_noticed(end: str) -> None:
    """9: IMAPClient answers an empty list at once, for ever; that is no quiet mailbox."""
    server = idling(lambda command: command.connection.close() if end == "FIN" else command.connection.reset())
    with server, watching(server.account()) as watch:
        watch.wait_for_the_end()
    assert isinstance(watch.failure, ConnectionLost)


def test_fault_8_13_19_a_goodbye_in_idle_is_noticed() -> None:
    """8, 13, 19: BYE, as Exchange says it when a token has run out or half an hour is over."""
    server = idling(lambda command: command.connection.send(b"* BYE Session invalidated - AccessTokenExpired\r\n"))
    with server, watching(server.account()) as watch:
        watch.wait_for_the_end()
    assert isinstance(watch.failure, ConnectionLost)


def test_fault_15_half_a_line_in_idle_is_noticed() -> None:
    """15: a line that never ends is no event."""
    server = idling(lambda command: command.connection.send(b"* 2 EXI"))
    with server, watching(replace(server.account(), read=timedelta(seconds=0.5)), QUICK) as watch:
        watch.wait_for_the_end()
    assert isinstance(watch.failure, ConnectionLost)


def test_fault_15_a_line_in_two_pieces_is_an_event() -> None:
    """15: IMAPClient's own idle_check ends the connection over it, and the event is lost."""

    def in_pieces(command: Command) -> None:
        command.connection.send(b"* 2 EXI")
        time.sleep(0.1)
        command.connection.send(b"STS\r\n")
        command.connection.read_line()
        command.connection.send(command.ok())

    with idling(in_pieces) as server, watching(server.account()) as watch:
        watch.wait_for_changes(2)
    assert watch.failure is None


def test_fault_12_an_event_before_the_continuation_is_no_refusal() -> None:
    """12: a letter announced between IDLE and its '+' neither ends the watch nor is missed: `changed` follows the '+'."""

    def idle(command: Command) -> bytes:
        command.connection.send(b"* 2 EXISTS\r\n+ idling\r\n")
        command.connection.read_line()
        return command.ok()

    with ScriptedImap([letter(1)], {"IDLE": idle}) as server, watching(server.account(), QUICK) as watch:
        watch.wait_for_changes(2)
    assert watch.failure is None


def test_fault_12_a_swallowed_event_is_not_missed() -> None:
    """12: an EXISTS in one segment with the '+' is never reported; `changed` is called once the idle has begun, so it is found."""
    order: list[str] = []

    def idle(command: Command) -> bytes:
        order.append("idle")
        command.connection.send(b"+ idling\r\n* 2 EXISTS\r\n")
        command.connection.read_line()
        return command.ok()

    with ScriptedImap([letter(1)], {"IDLE": idle}) as server:
        mailbox = ImapMailbox("imap", server.account(), pace=QUICK)
        mailbox.watch(lambda: order.append("changed"), lambda: len(order) >= 4)
    assert order[:2] == ["idle", "changed"]


def test_fault_13_an_idle_is_renewed_after_every_slice() -> None:
    """13: long before a server would end it, and each time with a look at the mailbox."""
    with ScriptedImap([letter(1)]) as server, watching(server.account(), QUICK) as watch:
        watch.wait_for_changes(3)
        assert len(server.said(b"IDLE")) >= 3
        assert server.connections == 1


def test_fault_10_the_usual_pace_notices_a_dead_peer_within_a_minute() -> None:
    """10: a slice, and the ten seconds that its end may take."""
    assert IdlePace().slice + timedelta(seconds=10) < timedelta(minutes=1)


@pytest.mark.dovecot
def test_fault_10_a_half_open_connection_in_idle_is_noticed(dovecot_server: Dovecot) -> None:
    """10: nothing passes any more, and the socket looks alive: the end of the slice tells."""
    with FaultProxy(dovecot_server.imap_port) as proxy:
        account = replace(dovecot_server.account("half"), port=proxy.port, read=timedelta(seconds=0.5))
        with watching(account, QUICK) as watch:
            watch.wait_for_changes(1)
            proxy.break_now()
            watch.wait_for_the_end()
    assert isinstance(watch.failure, ConnectionLost)


@pytest.mark.dovecot
@pytest.mark.parametrize("how", [How.CLOSE, How.RESET])
def test_fault_9_dovecot_cut_off_in_idle_is_noticed_at_once(dovecot_server: Dovecot, how: How) -> None:
    """9: FIN and RST between us and a real server, long before the slice ends."""
    account = dovecot_server.account("cut")
    with FaultProxy(account.port, how=how) as proxy, watching(replace(account, port=proxy.port)) as watch:
        watch.wait_for_changes(1)
        proxy.break_now()
        watch.wait_for_the_end(5)
    assert isinstance(watch.failure, ConnectionLost)


@pytest.mark.dovecot
def test_fault_8_dovecot_kicks_us_in_idle(dovecot_server: Dovecot) -> None:
    """8: the watch ends with a failure, for the caller to begin anew."""
    with watching(dovecot_server.account("kickidle")) as watch:
        watch.wait_for_changes(1)
        dovecot_server.administer("kick", "kickidle")
        watch.wait_for_the_end()
    assert isinstance(watch.failure, Temporary)


def test_stopping_does_not_wait_for_the_slice() -> None:
    """A daemon that is told to end has ten seconds; an idle of 45 looks up every second."""
    with ScriptedImap([letter(1)]) as server, watching(server.account(), IdlePace()) as watch:
        watch.wait_for_changes(1)
        watch.stop.set()
        watch.wait_for_the_end(10)
