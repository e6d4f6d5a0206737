"""Fetches files in a process of its own, which can be killed; what to fetch is on its input."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from qb_assets.attachments.fetch import FileFetch
from qb_assets.attachments.limits import FileLimits
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore


def main() -> None:
    """Fetches all files."""
    asked = json.loads(sys.stdin.readline())
    settings = Settings.from_environment(asked["environment"])
    client = QuickBooksClient(settings, FileTokenStore(Path(asked["tokens"])), asked["realm"])
    limits = FileLimits(max_bytes=asked["max_bytes"])
    FileFetch(client, Lake.open(asked["lake"]), limits, asked["name"]).run()


if __name__ == "__main__":
    main()
