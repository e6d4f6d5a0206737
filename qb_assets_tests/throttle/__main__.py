"""Four processes read one company for minutes; the sandbox measures what reaches it.

    python -m qb_assets_tests.throttle [SECONDS] [--part limits|refused|killed] [--postgres URL]

First with Intuit's limits on both sides, then with a company that allows fewer requests than we
believe, so that it answers 429; SECONDS (150) is for each. Then three of the processes are killed.
Ends with 1 where a limit was not kept.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from qb_assets.quickbooks.books import call_book
from qb_assets.quickbooks.budget import Budget, budget_state
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.throttle import LINGERS, throttle_for
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.quickbooks.conftest import connected

PROCESSES = 4
ON_ITS_WAY = 0.25
"""Seconds for what was sent before the 429 could be known, on a busy machine."""


def main() -> int:
    """Runs all parts, prints their figures, and returns 0 where every limit was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=150)
    parser.add_argument("--part", choices=["limits", "refused", "killed"], help="this one only")
    parser.add_argument("--postgres", help="keep the calls there instead of in a file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        book = chosen.postgres or str(folder / "calls.db")
        _overhead(book)
        parts = {
            "limits": lambda: _within_limits(folder, book, chosen.seconds),
            "refused": lambda: _refused(folder, book, chosen.seconds),
            "killed": lambda: _killed(folder, book),
        }
        kept = [run() for part, run in parts.items() if chosen.part in (None, part)]
    return 0 if all(kept) else 1


def _overhead(book: str) -> None:
    """What the book costs a call, with nobody else at it."""
    settings = Settings(client_id="overhead", client_secret="-", call_book=book)
    settings = replace(settings, requests_per_minute=10**6)
    throttle, budget = throttle_for(settings, "overhead"), Budget(settings, "overhead")
    took: list[float] = []
    for _ in range(500):
        begun = time.perf_counter()
        with throttle.slot(timeout=5):
            budget.reserve("query", "Bill").settle(metered=True)
        took.append((time.perf_counter() - begun) * 1000)
    took.sort()
    _tell("overhead", f"{median(took):.2f} ms a call (99 %: {took[494]:.2f} ms), {call_book(book)}")


def _within_limits(folder: Path, book: str, seconds: float) -> bool:
    settings = SandboxSettings(latency=0.25)
    with start(seed=5, invoices=60, settings=settings) as box:
        told = _all(_workers(box, folder / "limits", book, seconds))
        stats = box.admin("stats")
        state = budget_state(Settings.from_environment({**box.env, "QB_CALL_BOOK": book}))
    _tell("limits", _figures(stats, told))
    _tell("limits", f"the call book counted {state.used}, the sandbox metered {stats['metered']}")
    return (
        stats["max_per_minute"] <= 500
        and stats["max_in_flight"] <= 10
        and "429" not in stats["statuses"]
        and state.used == stats["metered"]
    )


def _refused(folder: Path, book: str, seconds: float) -> bool:
    settings = SandboxSettings(latency=0.25, requests_per_minute=300)
    with start(seed=5, invoices=60, settings=settings) as box:
        told = _all(_workers(box, folder / "refused", book, seconds))
        stats = box.admin("stats")
    _tell("refused", _figures(stats, told))
    _tell(
        "refused",
        f"{stats['early_after_throttle']} came before the wait was over, the last of them "
        f"{1000 * stats['longest_early']:.0f} ms after the first 429",
    )
    return "429" in stats["statuses"] and stats["longest_early"] <= ON_ITS_WAY


def _killed(folder: Path, book: str) -> bool:
    """Processes are killed while they call; the others go on at the same pace."""
    with start(seed=5, invoices=60, settings=SandboxSettings(latency=0.25)) as box:
        workers = _workers(box, folder / "killed", book, 40)
        for place in range(PROCESSES - 1):
            time.sleep(4)
            workers[place].send_signal(signal.SIGKILL)
        time.sleep(LINGERS)
        before = sum(box.admin("stats")["calls"].values())
        time.sleep(4)
        after = sum(box.admin("stats")["calls"].values())
        for worker in workers:
            worker.communicate()
        stats = box.admin("stats")
    _tell("killed", f"{(after - before) / 4:.1f} calls a second go on after three were killed")
    _tell("killed", _figures(stats, []))
    return after > before and "429" not in stats["statuses"]


def _workers(
    box: SandboxProcess, folder: Path, book: str, seconds: float
) -> list[subprocess.Popen[bytes]]:
    connected(box, folder)
    words = [sys.executable, "-m", "qb_assets_tests.throttle.worker"]
    words += [str(folder), box.realm_id, str(seconds)]
    env = {**os.environ, **box.env, "QB_CALL_BOOK": book, "QB_MONTHLY_CALL_BUDGET": "1000000"}
    return [subprocess.Popen(words, env=env, stdout=subprocess.PIPE) for _ in range(PROCESSES)]


def _all(workers: list[subprocess.Popen[bytes]]) -> list[dict[str, Any]]:
    return [msgspec.json.decode(worker.communicate()[0]) for worker in workers]


def _figures(stats: dict[str, Any], told: list[dict[str, Any]]) -> str:
    sent = "+".join(str(each["sent"]) for each in told)
    raised = [each["raised"] for each in told if each["raised"]]
    return (
        f"at most {stats['max_per_minute']} in a minute and {stats['max_in_flight']} in flight, "
        f"answers {stats['statuses']}, sent {sent or '-'}, raised {raised or 'nothing'}"
    )


def _tell(part: str, words: str) -> None:
    sys.stdout.write(f"{part}: {words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
