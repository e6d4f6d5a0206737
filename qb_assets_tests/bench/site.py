"""A generated company, what is true of it, and the sandbox that serves it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

import requests

from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.bench.company import ENTITIES, Figures, load

NOTE = "changed by the bench"
_NOTES = {"Invoice": "PrivateNote", "Customer": "Notes", "Payment": "PrivateNote"}


@dataclass(frozen=True, slots=True)
class Site:
    """A company in its sandbox, without limits of calls."""

    invoices: int
    folder: Path
    truth: Figures
    sandbox: SandboxProcess

    def access_token(self) -> str:
        """A token good for an hour, from the refresh token, as the other programs are given."""
        env = self.sandbox.env
        answer = requests.post(
            env["QB_TOKEN_URL"],
            data={"grant_type": "refresh_token", "refresh_token": env["QB_REFRESH_TOKEN"]},
            auth=(env["QB_CLIENT_ID"], env["QB_CLIENT_SECRET"]),
            timeout=30,
        )
        answer.raise_for_status()
        return answer.json()["access_token"]

    def change(self, share: int) -> int:
        """Write a note to every so many-th record of each entity; how many these are.

        As of two minutes ago: the newest changes are left to settle by who fetches them.
        """
        changed, at = 0, datetime.now(timezone.utc) - timedelta(minutes=2)
        for entity in ENTITIES:
            for record_id in _ids(self.folder / f"{entity}.json", share):
                fields = {_NOTES[entity]: NOTE}
                asked = {"entity": entity, "id": record_id, "at": at, "fields": fields}
                self.sandbox.admin("edit", asked)
                changed += 1
        return changed


def _ids(file: Path, share: int) -> Iterator[str]:
    with file.open("rb") as lines:
        rows = (line for line in lines if line.startswith(b"{"))
        for place, row in enumerate(rows):
            if place % share == 0:
                yield json.loads(row.rstrip(b",\n"))["Id"]


@contextmanager
def served(companies: Path, invoices: int, today: str) -> Generator[Site]:
    """Make a company that ends yesterday, unless it is there already, and serve it."""
    folder = companies / f"{today}-{invoices}"
    if not folder.exists():
        program = [sys.executable, "-m", "qb_assets_tests.bench.company"]
        subprocess.run([*program, str(folder), str(invoices)], check=True)
    settings = Settings(requests_per_minute=0, concurrent=0, batches_per_minute=0)
    with start(company_dir=folder, settings=settings) as sandbox:
        yield Site(invoices, folder, load(folder), sandbox)
