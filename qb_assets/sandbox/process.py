"""A sandbox in a process of its own, for tests and the demo."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import requests

from .environ import without_secrets
from .settings import Settings

_GRACE = 10.0


class SandboxError(RuntimeError):
    """The sandbox did not start, or refused what /admin was asked."""


class SandboxProcess:
    """A running sandbox. `env` holds its `QB_*` variables, `settings` what it was started with.

    A context manager: leaving it stops the process. It also ends with the process that started it,
    however that ends.
    """

    def __init__(self, words: Sequence[str], settings: Settings) -> None:
        """Begin to start it with these command line words; `wait_until_ready` must follow."""
        self.settings = settings
        self.env: dict[str, str] = {}
        descriptor, errors = tempfile.mkstemp(prefix="qb-sandbox-", suffix=".err")
        self._errors = Path(errors)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "qb_assets.sandbox", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=descriptor,
            env=without_secrets(),
            text=True,
        )
        os.close(descriptor)
        if self._process.stdin is not None:
            self._process.stdin.write(msgspec.json.encode(settings).decode() + "\n")
            self._process.stdin.flush()

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:port`."""
        return self.env["QB_BASE_URL"]

    @property
    def realm_id(self) -> str:
        """The realm of the company it serves."""
        return self.env["QB_COMPANY"]

    def admin(self, path: str, payload: Mapping[str, object] | None = None) -> Any:
        """Ask /admin/`path`: a POST of the payload, or a GET when there is none.

        Returns the decoded JSON; raises SandboxError with what the sandbox has against it.
        """
        return json.loads(self.admin_bytes(path, payload))

    def admin_bytes(self, path: str, payload: Mapping[str, object] | None = None) -> bytes:
        """The same, undecoded: the records as the exact bytes that are served."""
        data = None if payload is None else msgspec.json.encode(payload)
        method = "GET" if data is None else "POST"
        answer = requests.request(method, f"{self.base_url}/admin/{path}", data=data, timeout=60)
        if not answer.ok:
            raise SandboxError(f"/admin/{path}: {answer.text}")
        return answer.content

    def stop(self) -> int:
        """Stop the process and return its exit code (0 when it ended as it should)."""
        self._process.terminate()
        try:
            code = self._process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._errors.unlink(missing_ok=True)
        return code

    def errors(self) -> str:
        """What the process wrote to its standard error so far."""
        return self._errors.read_text(encoding="utf-8") if self._errors.exists() else ""

    def __enter__(self) -> SandboxProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_until_ready(self) -> None:
        """Read the lines it prints when it listens; raises SandboxError when it ends instead."""
        for line in self._process.stdout or ():
            name, _, value = line.strip().partition("=")
            self.env[name] = "".join(shlex.split(value))
            if name == "QB_COMPANY":
                return
        self._process.wait()
        message = self.errors().strip() or f"exit code {self._process.returncode}"
        self.stop()
        raise SandboxError(f"the sandbox did not start: {message}")


def start(
    *,
    company_dir: Path | None = None,
    seed: int = 1,
    invoices: int = 200,
    days: int = 365,
    profile: str = "",
    realm: str | None = None,
    port: int = 0,
    env_file: Path | None = None,
    settings: Settings | None = None,
) -> SandboxProcess:
    """Start a sandbox in a child process and wait until it listens.

    Serves the company recorded in `company_dir`, else one generated from the seed, with a
    `profile` such as `drawn` or `multi_currency=true`. Raises SandboxError, with its reason, when
    it does not come up.
    """
    settings = settings or Settings()
    words = ["--port", str(port), "--seed", str(seed), "--invoices", str(invoices), "--child"]
    words += ["--days", str(days), "--profile", profile]
    for name, value in (("company", company_dir), ("realm", realm), ("env-file", env_file)):
        words += [f"--{name}", str(value)] if value is not None else []
    running = SandboxProcess(words, settings)
    running.wait_until_ready()
    return running
