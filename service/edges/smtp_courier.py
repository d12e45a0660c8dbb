"""Hands postings to an SMTP submission server (RFC 6409), and always knows on which side of the final dot it stands.

Up to the dot nothing can have been delivered: whatever fails is definite. Between the dot and its answer the outcome is Unknown.
The answer is definite again. smtplib's own `sendmail` raises the same exception on both sides, so the phases are driven by hand.
"""

from __future__ import annotations

import contextlib
import re
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from service.contracts import Failure, Permanent, Temporary, Unauthorised, Unknown
from service.edges.network_words import in_words
from service.edges.sasl import Bearer, Mechanism, TokenSource, login, plain
from service.edges.smtp_envelope import Envelope, with_dots_doubled
from service.edges.smtp_session import SmtpSession, refusal
from service.edges.tls import Security, refuse_clear_text, verified_context
from service.records import Posting

_HELLO = re.compile(r"[A-Za-z0-9.:\[\]-]*")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long each part may take in all, in seconds (RFC 5321, 4.5.3.2). Less than 600 at the dot doubles letters."""

    connect: float = 30
    command: float = 60
    content: float = 180
    dot: float = 600
    farewell: float = 5


@dataclass(frozen=True, slots=True)
class SmtpCourier:
    """One connection a posting, one recipient a transaction; keeps no state, so any thread may send.

    Without `user` nobody logs in; with `token` the login is OAuth's, else `password`'s. `hello` is the name given in EHLO.
    Making one raises Permanent for settings that can't work (clear text to another machine, an unreadable CA file).
    """

    host: str
    port: int
    security: Security = Security.TLS
    user: str = ""
    password: str = field(default="", repr=False)
    token: TokenSource | None = field(default=None, repr=False)
    ca_file: Path | None = None
    hello: str = ""
    patience: Patience = Patience()
    _context: ssl.SSLContext = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        refuse_clear_text(self.host, self.security)
        if not _HELLO.fullmatch(self.hello):
            raise Permanent(f"{self.hello!r} is no host name", "give the name of this machine in ASCII, or none")
        if self.security is not Security.PLAIN:
            object.__setattr__(self, "_context", verified_context(self.ca_file))

    def send(self, posting: Posting, dot: Callable[[], None]) -> str:
        """Send the posting and return the server's answer, as `contracts.Courier` says. Raises whatever `dot` raises, too."""
        envelope = Envelope.around(posting)
        with self._session() as session:
            with self._definite(session):
                self._offer(session, envelope)
            dot()
            return self._complete(session)

    def check(self) -> None:
        """Connect, log in and leave again. Raises Temporary, Permanent or Unauthorised, with what to do about it."""
        with self._session() as session:
            session.leave(self.patience.farewell)

    # -- before the dot ------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _session(self) -> Iterator[SmtpSession]:
        """Give a connection that is secure and logged in, and close it in the end."""
        with self._definite():
            session = SmtpSession(self.host, self.port, self.patience.connect)
        with contextlib.closing(session):
            with self._definite(session):
                self._open(session)
                self._log_in(session)
            yield session

    def _open(self, session: SmtpSession) -> None:
        if self.security is Security.TLS:
            session.secure(self._context, self.patience.connect)
        session.greet(self.patience.command)
        session.hello(self.hello, self.patience.command)
        if self.security is Security.STARTTLS:
            if session.offers("STARTTLS") is None:
                raise Temporary(f"{self.host} offers no STARTTLS, and nothing is sent in clear; if it never did, set the security to tls")
            session.say("STARTTLS", 2, self.patience.command)
            session.secure(self._context, self.patience.connect)
            session.hello(self.hello, self.patience.command)

    def _log_in(self, session: SmtpSession) -> None:
        if not self.user:
            return
        offered = (session.offers("AUTH") or "").upper().split()
        if self.token is not None:
            self._log_in_by_token(session, offered, self.token)
        else:
            self._log_in_by_password(session, offered)

    def _log_in_by_password(self, session: SmtpSession, offered: list[str]) -> None:
        """Try the password once: each mechanism more would be one bad attempt more on an account that locks after a few."""
        mechanism = self._mechanism(offered, Mechanism.PLAIN, Mechanism.LOGIN)
        dialogue = plain if mechanism is Mechanism.PLAIN else login
        immediate = mechanism is Mechanism.PLAIN
        try:
            session.authenticate(mechanism, dialogue(self.user, self.password), self.password, immediate, self.patience.command)
        except Permanent as error:
            advice = "check NUTGRAF_SMTP_USER and NUTGRAF_SMTP_PASSWORD; many providers want an app password in place of the account's own"
            raise Unauthorised(str(error), advice) from None

    def _log_in_by_token(self, session: SmtpSession, offered: list[str], token: TokenSource) -> None:
        """Try the token, and once more with a fresh one when the server refuses it."""
        mechanism = self._mechanism(offered, Mechanism.XOAUTH2, Mechanism.OAUTHBEARER)
        first = token()
        if self._takes(session, mechanism, first) is None:
            return
        reason = self._takes(session, mechanism, token(refused=first))
        if reason is not None:
            raise Unauthorised(
                f"{self.host} refuses a fresh OAuth token ({reason})", "see that the account may send by SMTP, then log in again"
            )

    def _takes(self, session: SmtpSession, mechanism: Mechanism, token: str) -> str | None:
        """Return None when the server takes the token, else its reason."""
        dialogue = Bearer(mechanism, self.user, token, self.host, self.port)
        try:
            session.authenticate(mechanism, dialogue, token, immediate=True, seconds=self.patience.command)
        except Permanent:
            return dialogue.refusal or "no reason given"
        return None

    def _mechanism(self, offered: list[str], *known: Mechanism) -> Mechanism:
        for mechanism in known:
            if mechanism in offered:
                return mechanism
        said = ", ".join(offered) or "no login at all"
        raise Unauthorised(
            f"{self.host} offers {said}; we have {' and '.join(known)}",
            "use a port and security for submission, or leave the SMTP user empty",
        )

    def _offer(self, session: SmtpSession, envelope: Envelope) -> None:
        """Bring the transaction to where only the final dot is missing."""
        command = self.patience.command
        session.say(f"MAIL FROM:<{envelope.sender}>{self._parameters(session, envelope)}", 2, command)
        session.say(f"RCPT TO:<{envelope.recipient}>", 2, command)
        session.say("DATA", 3, command)
        session.write(with_dots_doubled(envelope.content), self.patience.content)
        session.spoken_early(command)

    def _parameters(self, session: SmtpSession, envelope: Envelope) -> str:
        """Return MAIL's parameters: SIZE (RFC 1870) and 8BITMIME (RFC 6152), where the server has them and they are needed."""
        parameters = ""
        limit = session.offers("SIZE")
        if limit is not None:
            if limit.isdigit() and 0 < int(limit) < len(envelope.content):
                raise Permanent(
                    f"the digest has {len(envelope.content)} octets and {self.host} takes {limit}", "let the edition hold fewer entries"
                )
            parameters += f" SIZE={len(envelope.content)}"
        if not envelope.is_ascii:
            if session.offers("8BITMIME") is None:
                raise Permanent(f"the digest has eight-bit octets, and {self.host} takes seven-bit ones alone", "encode the content")
            parameters += " BODY=8BITMIME"
        return parameters

    # -- the dot and after ---------------------------------------------------------------------------------------------

    def _complete(self, session: SmtpSession) -> str:
        """Send the final dot and return the answer, which alone says what became of the message."""
        try:
            code, text = session.complete(self.patience.dot)
        except OSError as error:
            raise Unknown(f"{self.host} gave no answer after the final dot ({_cause(error)})") from error
        session.leave(self.patience.farewell)
        if 200 <= code <= 299:
            return f"{code} {text}"
        failure = refusal(self.host, "the message", code, text)
        if isinstance(failure, Failure):
            raise failure
        raise Unknown(f"{self.host} answered the final dot with something that is no SMTP")

    @contextlib.contextmanager
    def _definite(self, session: SmtpSession | None = None) -> Iterator[None]:
        """Translate whatever fails before the dot: the server did not take the message."""
        try:
            yield
        except Failure:
            if session is not None:
                session.leave(self.patience.farewell)
            raise
        except ssl.SSLCertVerificationError as error:
            raise Temporary(
                f"the certificate of {self.host} is refused ({error.verify_message}): check the host name;"
                " for an authority of your own, name its certificate in NUTGRAF_CA_FILE"
            ) from error
        except ssl.SSLError as error:
            raise Temporary(f"{self.host}:{self.port}: {in_words(error)}; is it tls on 465, or starttls on 587?") from error
        except (OSError, ValueError) as error:  # ValueError: a host name or token that can't be written down
            raise Temporary(f"{self.host}:{self.port} can't be used now: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    return in_words(error) if isinstance(error, OSError) else str(error) or type(error).__name__
