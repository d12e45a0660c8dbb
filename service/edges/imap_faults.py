"""The one place where what IMAPClient, imaplib, ssl and the network raise becomes a Failure of ours.

No message quotes what may hold a letter's text, and none is chained to the library's exception: imaplib quotes whole answers.
"""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from imapclient.exceptions import CapabilityError, LoginError, ProtocolError

from service.contracts import Failure, Permanent, Temporary, Unauthorised
from service.edges.network_words import in_words

CROWDED = timedelta(minutes=5)  # how long to leave a server alone that says it has too many of us
_CROWDED = re.compile(r"\[LIMIT\]|too many|simultaneous|connection limit|maximum number of connections", re.IGNORECASE)
_PASSING_CODE = re.compile(r"\[(UNAVAILABLE|INUSE)\]", re.IGNORECASE)  # RFC 5530, 3
_PASSING = re.compile(r"\[SERVERBUG\]|temporar|try again|later|unavailable", re.IGNORECASE)
# imaplib's own complaints, which quote what came; after the first two the connection is not lost, but no more use.
_NONSENSE = re.compile(r"unexpected (tagged )?response|got more than|violates the IMAP protocol")
_CUT_SHORT = re.compile(r"unterminated line|EOF")
# X509_V_ERR numbers: not yet valid, expired. They heal by themselves: the other side renews, or our clock is set.
_PASSING_CERTIFICATE_FAULTS = frozenset({9, 10})


class ConnectionLost(Temporary):
    """The connection broke, or did not answer in time; a new one may work."""


class BadAnswer(Temporary):
    """The server refused the command, or its answer is not one; the connection is not to be used any more."""


class Refused(BadAnswer):
    """The server understood the command and said NO or BAD."""


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Raise a Failure for anything that goes wrong in the block; `doing` says what was tried, as in 'examining INBOX'."""
    try:
        yield
    except Failure:
        raise
    except ssl.SSLCertVerificationError as error:
        raise _certificate_failure(doing, error) from None
    except CapabilityError as error:
        raise BadAnswer(f"{doing}: {_plain(error)}") from None
    except imaplib.IMAP4.abort as error:
        raise _broken(doing, error) from None
    except OSError as error:
        raise ConnectionLost(f"{doing}: {in_words(error)}") from None
    except ProtocolError:  # its words quote the answer
        raise BadAnswer(f"{doing}: the server's answer can't be understood") from None
    except imaplib.IMAP4.error as error:
        raise _refusal(doing, error) from None
    except Exception as error:  # noqa: BLE001  bad data makes the libraries raise nearly everything: MemoryError, RecursionError, KeyError ...
        raise BadAnswer(f"{doing}: the server's answer can't be understood ({type(error).__name__})") from None


def login_failure(doing: str, error: LoginError, fix: str) -> Failure:
    """Return what a refused login means: crowded or passing trouble is Temporary, anything else waits for a person."""
    cause = error.__context__
    if isinstance(cause, imaplib.IMAP4.abort):
        return _broken(doing, cause)
    text = said(error)
    if crowded := _crowded(doing, error):
        return crowded
    if (_PASSING_CODE.search(text) or _PASSING.search(text)) and "AUTHENTICATIONFAILED" not in text.upper():
        return Temporary(f"{doing}: {text}")
    return Unauthorised(f"{doing}: {text}", fix)


def said(error: Exception) -> str:
    """Return the server's words in an exception, short and on one line; our own words where they may quote a letter."""
    if _NONSENSE.search(str(error)):
        return "the server's answer can't be understood"
    if _CUT_SHORT.search(str(error)):
        return "the server closed the connection"
    return _plain(error)


def _broken(doing: str, error: Exception) -> Failure:
    if _NONSENSE.search(str(error)):
        return BadAnswer(f"{doing}: {said(error)}")
    return _crowded(doing, error) or ConnectionLost(f"{doing}: {said(error)}")


def _refusal(doing: str, error: Exception) -> Failure:
    text = said(error)
    if _PASSING_CODE.search(text):
        return Temporary(f"{doing}: {text}")
    return _crowded(doing, error) or Refused(f"{doing}: {text}")


def _crowded(doing: str, error: Exception) -> Temporary | None:
    text = said(error)
    return Temporary(f"{doing}: {text}", retry_after=CROWDED) if _CROWDED.search(text) else None


def _certificate_failure(doing: str, error: ssl.SSLCertVerificationError) -> Failure:
    text = f"{doing}: the server's certificate was refused: {error.verify_message}"
    if error.verify_code in _PASSING_CERTIFICATE_FAULTS:
        return Temporary(text)
    return Permanent(text, "check the host name; for an authority of your own, give its certificate as CA file (NUTGRAF_CA_FILE)")


def _plain(error: Exception) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return " ".join(text.split())[:200]
