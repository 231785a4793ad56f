"""A receiver of webhooks on a real port: keeps what came, answers as told, and can be away."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Receiver:
    """`answers`: what to say next, then 200 for ever."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    refused: int = 0

    def bodies(self) -> list[dict[str, Any]]:
        """What was taken, in the order in which it came."""
        return [json.loads(body) for _, body in self.received]

    def ids(self) -> list[str]:
        """The message ids that were taken."""
        return [headers["webhook-id"] for headers, _ in self.received]


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """Listens until the block ends."""
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = made.answers.pop(0) if made.answers else 200
            if status == 200:
                made.received.append(({name.lower(): said for name, said in self.headers.items()}, body))
            else:
                made.refused += 1
            self.send_response(status)
            for name, said in made.headers.items():
                self.send_header(name, said)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", port), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}/hook?key=1"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
