"""An HTTP server for tests in which clients go away on purpose: that is no error, and nothing to print between pytest's dots."""

from __future__ import annotations

import http.server
import sys
from typing import Any


class QuietServer(http.server.ThreadingHTTPServer):
    """Answers each request in a thread of its own, and says nothing of a client that has gone; any other error is shown."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show the error, unless it is the client's going away."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)
