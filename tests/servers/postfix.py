"""A Postfix of our own: one directory, a free loopback port, mail for a few users into Maildirs; nothing leaves the machine. Needs root."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from tests.servers.certificates import Certificates, make_certificates
from tests.servers.dovecot import free_port
from tests.servers.waiting import wait_until

DOMAIN = "test.invalid"
_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/bin"])
_DAEMONS = Path("/usr/lib/postfix/sbin")


def missing() -> str:
    """Return why no Postfix can be started here, '' when one can."""
    if os.geteuid() != 0:
        return "Postfix's master must be started by root"
    return "" if shutil.which("postfix", path=_PATH) else "Postfix is not installed (apt-get install postfix)"


class Postfix:
    """A running server between `with` and its end, for `users` at DOMAIN; `mail` is where their Maildirs are, a Dovecot's perhaps.

    With `strangers` mail for nobody is accepted and bounces later, else it is refused at RCPT. `extra` is added to main.cf.
    """

    host = "127.0.0.1"

    def __init__(self, users: tuple[str, ...], *, mail: Path | None = None, strangers: bool = False, extra: str = "") -> None:
        # Not in pytest's own directory: the server's processes drop root, and could not get in there.
        self.directory = Path(tempfile.mkdtemp(prefix="nutgraf-postfix-"))
        self.port = free_port()
        self.mail = mail or self.directory / "mail"
        self.certificates: Certificates
        self._users, self._strangers, self._extra = users, strangers, extra

    def __enter__(self) -> Self:
        for name in ("etc", "spool", "data", "mail", "tls"):
            (self.directory / name).mkdir()
        self.directory.chmod(0o755)
        self.certificates = make_certificates(self.directory / "tls")
        shutil.chown(self.directory / "data", "postfix")
        shutil.chown(self.mail, "mail", "mail")
        self._write_configuration()
        self._postfix("start")
        wait_until(self._listens, "Postfix listens")
        return self

    def __exit__(self, *_: object) -> None:
        self._postfix("abort")
        wait_until(lambda: not self._listens(), "Postfix has stopped")
        shutil.rmtree(self.directory, ignore_errors=True)

    def letters(self, user: str) -> list[bytes]:
        """Return what lies in a user's Maildir, read or not."""
        home = self.mail / user / "Maildir"
        return [path.read_bytes() for part in ("new", "cur") for path in sorted((home / part).glob("*"))]

    def wait_for(self, user: str, count: int) -> list[bytes]:
        """Return a user's letters once there are `count` of them."""
        wait_until(lambda: len(self.letters(user)) >= count, f"{count} letters for {user}")
        return self.letters(user)

    def queued(self) -> int:
        """Return how many messages are still on their way."""
        places = ("incoming", "active", "deferred", "maildrop")
        return sum(path.is_file() for place in places for path in (self.directory / "spool" / place).rglob("*"))

    def _postfix(self, word: str) -> None:
        command = [str(shutil.which("postfix", path=_PATH)), "-c", str(self.directory / "etc"), word]
        subprocess.run(command, check=word == "start", capture_output=True, timeout=30)  # noqa: S603

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection((self.host, self.port), 1):
            return True
        return False

    def _write_configuration(self) -> None:
        etc = self.directory / "etc"
        (etc / "main.cf").write_text(self._main())
        (etc / "master.cf").write_text(self._master())
        (etc / "users").write_text("".join(f"{user}@{DOMAIN} {user}/Maildir/\n" for user in self._users))

    def _main(self) -> str:
        here, owner = self.directory, pwd.getpwnam("mail")
        return f"""
compatibility_level = 3.6
queue_directory = {here}/spool
data_directory = {here}/data
command_directory = /usr/sbin
daemon_directory = {_DAEMONS}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {here}/maillog
maillog_file_prefixes = {here}
myhostname = mta.{DOMAIN}
mydomain = {DOMAIN}
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
default_transport = error:5.4.4 outside delivery is off
relay_transport = error:5.4.4 outside delivery is off
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_base = {self.mail}
virtual_mailbox_maps = texthash:{here}/etc/users
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
mailbox_size_limit = 0
message_size_limit = 5000000
smtpd_recipient_restrictions = permit_mynetworks, reject
smtpd_reject_unlisted_recipient = {"no" if self._strangers else "yes"}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {self.certificates.good.chain}
smtpd_tls_key_file = {self.certificates.good.key}
alias_maps =
alias_database =
{self._extra}
"""

    def _master(self) -> str:
        """Return the services that delivery needs: name, type, private, unprivileged, chroot, wake-up, processes, command."""
        services = [f"{self.host}:{self.port} inet n - n - - smtpd", "pickup unix n - n 60 1 pickup", "cleanup unix n - n - 0 cleanup"]
        services += ["qmgr unix n - n 300 1 qmgr", "tlsmgr unix - - n 1000? 1 tlsmgr", "rewrite unix - - n - - trivial-rewrite"]
        services += [f"{name} unix - - n - 0 bounce" for name in ("bounce", "defer", "trace")]
        services += [f"{name} unix - - n - - {name}" for name in ("smtp", "error", "proxymap")]
        services += ["virtual unix - n n - - virtual"]
        services += ["retry unix - - n - - error", "showq unix n - n - - showq", "anvil unix - - n - 1 anvil"]
        services += ["scache unix - - n - 1 scache", "flush unix n - n 1000? 0 flush", "postlog unix-dgram n - n - 1 postlogd"]
        return "\n".join(services) + "\n"
