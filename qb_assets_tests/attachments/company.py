"""A company with attachments, served by a sandbox in a process of its own, and fetches of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from qb_assets.attachments.fetch import FileFetch, FilesFetched
from qb_assets.attachments.limits import FileLimits
from qb_assets.attachments.records import contents_held, latest_rows
from qb_assets.lake.store import Lake
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.raw.fetching import UTC, Fetcher, record

DAY = datetime(2026, 3, 10, 18, tzinfo=UTC)
NOW = datetime(2026, 3, 12, 18, tzinfo=UTC)
PDF = "application/pdf"


def attached(identity: int, name: str | None = None, **fields: object) -> dict[str, object]:
    """An attachable with a PDF, of which QuickBooks states the size."""
    stated = {"FileName": name or f"Jane Doe {identity}.pdf", "Size": 1000, "ContentType": PDF}
    known = {**stated, **fields}
    return record(identity, DAY, **{name: each for name, each in known.items() if each is not None})


def hash_of(seed: str, size: int) -> str:
    """The hash of a file that the sandbox makes of a seed."""
    block = hashlib.shake_128(seed.encode()).digest(1 << 16)
    return hashlib.sha256((block * (size // len(block) + 1))[:size]).hexdigest()


class Company:
    """The company's sandbox, lake and client; raw is landed."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.box = fetcher.box
        self.realm = fetcher.box.realm_id
        self._fetches = 0

    @property
    def lake(self) -> Lake:
        return self.fetcher.lake

    def land(self) -> None:
        """Brings the attachables as they are now."""
        self.fetcher.fetch(self.fetcher.later(), entities=["Attachable"])

    def fetch(self, **limits: Any) -> FilesFetched:
        """Fetches the files."""
        self._fetches += 1
        name = f"20260312T1800{self._fetches:02}000Z-a"
        self.box.admin("stats/reset", {})
        return FileFetch(self.fetcher.client, self.lake, FileLimits(**limits), name).run()

    def change(self, identity: int, **changes: object) -> None:
        """Makes a file another than its attachable says."""
        self.box.admin("file", {"id": str(identity), **changes})

    def befall(self, *faults: str, on: str = "file", **more: object) -> None:
        """The next calls of a kind have these faults, one each."""
        script = [{"on": on, "fault": each, "nth": n} for n, each in enumerate(faults, 1)]
        self.box.admin("weather", {"script": script, **more})

    def calls(self, kind: str = "download") -> int:
        """The calls of a kind since the last fetch began."""
        made: Mapping[str, int] = self.box.admin("stats")["calls"]
        return made.get(kind, 0)

    def asked(self) -> list[dict[str, Any]]:
        """The requests that the host of the files had since the last fetch began."""
        return self.box.admin("files")

    def rows(self) -> dict[str, dict[str, Any]]:
        """The row of each attachable's newest file."""
        return {identity: row for (identity, _), row in latest_rows(self.lake, self.realm).items()}

    def states(self) -> dict[str, str]:
        """The state of each attachable's newest file."""
        return {identity: row["state"] for identity, row in self.rows().items()}

    def whole(self) -> bool:
        """Whether every file in the lake is what its name says."""
        return all(
            hashlib.sha256(self.lake.read(f"attachments/sha256/{name[:2]}/{name}")).hexdigest()
            == name
            for name in contents_held(self.lake)
        )


def write(folder: Path, attachables: Sequence[Mapping[str, object]]) -> Path:
    """The folder of a recorded company with these attachables and nothing else."""
    recorded = folder / "company"
    recorded.mkdir()
    (recorded / "Attachable.json").write_text(json.dumps(attachables), encoding="utf-8")
    return recorded


@contextmanager
def company(
    folder: Path, *attachables: Mapping[str, object], **settings: Any
) -> Generator[Company]:
    """A company with these attachables, landed in a lake in the folder."""
    waits = {"first_wait": 0.01, "throttle_pause": 0.1, **settings}
    free = SandboxSettings(requests_per_minute=0, concurrent=0)
    with start(company_dir=write(folder, attachables), settings=free) as box:
        fetcher = Fetcher(box, folder, date(2026, 3, 1), **waits)
        fetcher.fetch(NOW, entities=["Attachable"])
        yield Company(fetcher)
