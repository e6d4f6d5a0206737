"""A web hook and a mail server that keep what they are sent."""

import json
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hook:
    """An incoming webhook: what was posted to it, and the status that it answers."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.status = 200
        self.url = ""


@contextmanager
def webhook() -> Generator[Hook]:
    """A webhook that listens."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.texts.append(json.loads(body)["text"])
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _running(server):
        hook.url = f"http://127.0.0.1:{server.server_address[1]}/services/SECRET"
        yield hook


class Mailbox:
    """A mail server: what was mailed through it."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.url = ""


@contextmanager
def mailbox() -> Generator[Mailbox]:
    """A mail server that listens."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 ready")
            for line in self.rfile:
                word = line[:4].upper()
                if word == b"DATA":
                    self._say("354 go on")
                    box.mails.append(self._mail())
                self._say("221 bye" if word == b"QUIT" else "250 ok")

        def _mail(self) -> str:
            lines: list[bytes] = []
            for line in self.rfile:
                if line == b".\r\n":
                    break
                lines.append(line)
            return b"".join(lines).decode()

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server, _running(server):
        box.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        yield box


@contextmanager
def _running(server: socketserver.BaseServer) -> Generator[None]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
