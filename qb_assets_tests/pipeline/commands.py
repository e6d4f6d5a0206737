"""The whole way as a person goes it: real commands, a sandbox started with an `--env-file`."""

import subprocess
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets_tests.pipeline.surroundings import COMMAND, Surroundings, foreign_environment


@contextmanager
def sandbox_command(folder: Path, *words: str) -> Generator[dict[str, str]]:
    """Runs `qb-assets sandbox` in the background; gives what `set -a; . FILE` would set."""
    file = folder / "sandbox.env"
    process = subprocess.Popen(
        [str(COMMAND), "sandbox", *words, "--env-file", str(file)],
        env=foreign_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        until = time.monotonic() + 30
        while not file.exists():
            assert process.poll() is None, "the sandbox ended"
            assert time.monotonic() < until, "the sandbox is not ready after 30 s"
            time.sleep(0.05)
        yield sourced(file)
    finally:
        process.terminate()
        process.communicate(timeout=15)


def sourced(file: Path) -> dict[str, str]:
    """The variables that a shell has after `set -a; . FILE`."""
    script = 'set -a; . "$1"; env -0'
    done = subprocess.run(
        ["/bin/sh", "-c", script, "sh", str(file)],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    pairs = (line.split("=", 1) for line in done.stdout.split("\0") if line)
    return {name: text for name, text in pairs if name.startswith("QB_")}


class Company:
    """A company that was connected and materialized by commands, and what these said."""

    def __init__(self, surroundings: Surroundings, sandbox: Mapping[str, str]) -> None:
        self.surroundings = surroundings
        self.sandbox = sandbox
        self.realm = sandbox["QB_COMPANY"]
        surroundings.env.update(sandbox)
        self.done: list[subprocess.CompletedProcess[str]] = []

    def connect(self) -> subprocess.CompletedProcess[str]:
        """`qb-assets connect` with the sandbox's refresh token."""
        token = self.sandbox["QB_REFRESH_TOKEN"]
        words = ("connect", "--company", self.realm, "--refresh-token", "-")
        return self._run(*words, typed=token)

    def materialize(self, first: str, last: str, *more: str) -> subprocess.CompletedProcess[str]:
        """`qb-assets materialize` for a range of days."""
        days = ("--from", first, "--to", last)
        return self._run("materialize", "--company", self.realm, *days, *more)

    def _run(self, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        done = self.surroundings.command(*words, typed=typed)
        self.done.append(done)
        return done

    def secrets(self) -> list[str]:
        """The client secret and every token, as the store holds them now."""
        store = FileTokenStore(Path(self.surroundings.env["QB_TOKEN_STORE"]))
        token = store.load(self.realm).token
        given = self.sandbox["QB_REFRESH_TOKEN"], self.sandbox["QB_CLIENT_SECRET"]
        return [*given, token.refresh, token.access]
