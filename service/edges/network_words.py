"""What the network says of a connection that fails, in words that tell people where to look."""

from __future__ import annotations

import socket
import ssl


def in_words(error: OSError) -> str:
    """Return why a connection failed, without a number; the sentence before it names the server and its port."""
    match error:
        case ConnectionRefusedError():
            return "nothing answers at that port"
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return "names can't be looked up now"
        case socket.gaierror():
            return "no server of that name is known"
        case ssl.SSLError(reason=str(reason)):
            return f"TLS fails ({reason.replace('_', ' ').lower()})"
        case TimeoutError():
            return str(error) if str(error).startswith("no answer") else "no answer in time"
    return error.strerror or str(error) or type(error).__name__
