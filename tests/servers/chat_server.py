"""A server that speaks enough of OpenAI's chat completions, on loopback, and can be told to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.servers.quiet_http import QuietServer


@dataclass
class ChatServer:
    """What the server answers, and what it was asked. `fault` is one of: drop, drip, drip head, hang, endless, or nothing."""

    url: str = ""
    answer: str = ""
    body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    usage: dict[str, int] | None = None
    finish: str = "stop"
    fault: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def completion(self) -> bytes:
        """Return the body of a well-behaved answer."""
        if self.body is not None:
            return self.body
        choice = {"index": 0, "message": {"role": "assistant", "content": self.answer}, "finish_reason": self.finish}
        return json.dumps({"object": "chat.completion", "choices": [choice], **({"usage": self.usage} if self.usage else {})}).encode()


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Run a server for the length of a block."""
    state = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Say nothing."""

        def do_GET(self) -> None:
            """Answer a followed redirect, which must not happen."""
            state.seen.append({"path": self.path, **dict(self.headers)})
            self.send_error(404)

        def do_POST(self) -> None:
            """Answer one question as told."""
            state.seen.append({"path": self.path, **dict(self.headers)})
            state.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if state.fault == "drop":
                self.close_connection = True
                return
            if state.fault == "hang":
                state.ending.wait(20)
                return
            if state.fault == "drip head":
                self._pour()
                return
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            if state.fault in ("drip", "endless"):
                self.end_headers()
                self._pour()
                return
            content = state.completion()
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _pour(self) -> None:
            piece = b"H" * (100_000 if state.fault == "endless" else 1)
            try:
                while not state.ending.wait(0 if state.fault == "endless" else 0.01):
                    self.wfile.write(piece)
            except OSError:
                self.close_connection = True

    server = QuietServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()
