"""A Dovecot of our own: one directory, free loopback ports, throw-away certificates; as root or as anybody.

Any user exists, with the password `secret`. Letters are Maildir files, so a test can deliver, break and take them away behind the
server's back.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Self

from service.edges.imap_connection import ImapAccount
from service.edges.tls import Security
from tests.servers.certificates import Certificate, Certificates, make_certificates
from tests.servers.waiting import wait_until

PASSWORD = "secret"


def missing() -> str:
    """Return why no Dovecot can be started here, '' when one can."""
    return "" if _program() else "Dovecot is not installed (apt-get install dovecot-imapd)"


class Dovecot:
    """A running server between `with` and its end. `extra` is added to its configuration; `certificate` names one of `Certificates`."""

    host = "127.0.0.1"

    def __init__(self, *, certificate: str = "good", connections: int = 50, extra: str = "") -> None:
        # Not in pytest's own directory: the server's processes drop root, and could not get in there.
        self.directory = Path(tempfile.mkdtemp(prefix="nutgraf-dovecot-"))
        self.imap_port, self.imaps_port = free_port(), free_port()
        self._connections, self._extra = connections, extra
        self.certificates: Certificates
        self._certificate = certificate
        self._delivered = 0

    def __enter__(self) -> Self:
        for name in ("run", "mail", "log", "tls"):
            (self.directory / name).mkdir()
        self.certificates = make_certificates(self.directory / "tls")
        self._owner = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.directory.chmod(0o755)
        self._give(self.directory / "mail")
        shown: Certificate = getattr(self.certificates, self._certificate)
        self._config = self.directory / "dovecot.conf"
        self._config.write_text(self._configuration(shown))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it listens."""
        with (self.directory / "log" / "start.log").open("wb") as log:
            self._process = subprocess.Popen([str(_program()), "-F", "-c", str(self._config)], stdout=log, stderr=log)  # noqa: S603
        try:
            wait_until(self._listens, "Dovecot listens")
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it and wait until it has ended."""
        self._process.terminate()
        self._process.wait(20)

    def account(self, user: str = "reader", security: Security = Security.PLAIN) -> ImapAccount:
        """Return the login of a user; any name will do."""
        port = self.imaps_port if security is Security.TLS else self.imap_port
        return ImapAccount(self.host, user, PASSWORD, port, security, ca_file=self.certificates.ca_file)

    def maildir(self, user: str = "reader", folder: str = "INBOX") -> Path:
        """Return where a folder's letters lie."""
        home = self.directory / "mail" / user / "Maildir"
        return home if folder == "INBOX" else home / f".{folder}"

    def deliver(self, raw: bytes, *, user: str = "reader", folder: str = "INBOX", received: datetime | None = None) -> Path:
        """Deliver one letter as a mail server does: written to tmp/, then moved to new/."""
        home = self.maildir(user, folder)
        for part in ("tmp", "new", "cur"):
            self._make(home / part)
        self._delivered += 1
        name = f"{time.time_ns()}.N{self._delivered}.example"
        with (home / "tmp" / name).open("wb") as file:
            file.write(raw)
        self._give(home / "tmp" / name)
        if received:
            os.utime(home / "tmp" / name, (received.timestamp(), received.timestamp()))
        return (home / "tmp" / name).rename(home / "new" / name)

    def forget_uids(self, user: str = "reader") -> None:
        """Take its list of UIDs and its indexes away, as a restore from a backup or a repair does."""
        for file in self.maildir(user).glob("dovecot*"):
            file.unlink(missing_ok=True)

    def administer(self, *words: str) -> str:
        """Run doveadm and return what it says."""
        command = [str(shutil.which("doveadm", path=_PATH)), "-c", str(self._config), *words]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=20).stdout  # noqa: S603

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.imap_port), 1):
            return True
        return False

    def _make(self, directory: Path) -> None:
        if not directory.is_dir():
            self._make(directory.parent)
            directory.mkdir(exist_ok=True)
            self._give(directory)

    def _give(self, path: Path) -> None:
        os.chown(path, self._owner.pw_uid, self._owner.pw_gid)

    def _configuration(self, certificate: Certificate) -> str:
        here, owner = self.directory, self._owner
        inside, login = ("dovecot", "dovenull") if os.geteuid() == 0 else (owner.pw_name, owner.pw_name)
        group = grp.getgrgid(pwd.getpwnam(inside).pw_gid).gr_name
        return f"""
base_dir = {here}/run
state_dir = {here}/run
instance_name = nutgraf-{self.imap_port}
log_path = {here}/log/dovecot.log
protocols = imap
listen = {self.host}
default_internal_user = {inside}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{here}/mail/%u/Maildir
mail_home = {here}/mail/%u
mail_uid = {owner.pw_uid}
mail_gid = {owner.pw_gid}
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = {self._connections}
maildir_stat_dirs = yes
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
imap_max_line_length = 64k
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={owner.pw_uid} gid={owner.pw_gid} home={here}/mail/%u allow_all_users=yes
}}
ssl = yes
ssl_cert = <{certificate.chain}
ssl_key = <{certificate.key}
ssl_dh =
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
service imap-login {{
  chroot =
  process_min_avail = 1
  inet_listener imap {{
    port = {self.imap_port}
  }}
  inet_listener imaps {{
    port = {self.imaps_port}
    ssl = yes
  }}
}}
# Otherwise each wrong password makes the next login slower.
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  user = {inside}
}}
service auth-worker {{
  user = {inside}
}}
service imap-hibernate {{
  chroot =
}}
{self._extra}
"""


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])


def _program() -> str | None:
    return shutil.which("dovecot", path=_PATH)
