"""Says from time to time how far a long piece of work has come, how fast, and how long is left."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

Say = Callable[[str], None]
"""Takes a line that tells of progress."""

LINE_EVERY = 10.0
"""Seconds between two lines: Dagster stores each as an event of the run."""

LOOK_BACK = 6
"""Lines back from which the rate is taken: it is that of the last minute."""


def nothing(_line: str) -> None:
    """Says nothing."""


@dataclass(frozen=True, slots=True)
class _Mark:
    at: float
    rows: int
    work: int


class Pace:
    """The pace of one piece of work, of which a line is said at most every ten seconds.

    Work that is over before is not told of.
    """

    def __init__(
        self,
        say: Say,
        what: str,
        *,
        total: int | None = None,
        unit: str = "records",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begins now.

        Args:
            say: takes each line.
            what: what each line begins with.
            total: how much work there is, in rows or whatever `advance` is told; None where that
                is not known, and nothing is then said of the time that is left.
            unit: what rows are.
            clock: the time in seconds from whenever.
        """
        self._say = say
        self._what = what
        self._total = total
        self._unit = unit
        self._clock = clock
        self._rows = self._work = 0
        self._marks = deque([_Mark(clock(), 0, 0)], maxlen=LOOK_BACK)

    def advance(self, rows: int, detail: str, *, work: int | None = None) -> None:
        """Takes in rows that are done; `detail` says where the work is.

        `work` is what they are of the total, where that is not of rows.
        """
        self._rows += rows
        self._work += rows if work is None else work
        now = _Mark(self._clock(), self._rows, self._work)
        begun = self._marks[0]
        seconds = now.at - begun.at
        if now.at - self._marks[-1].at < LINE_EVERY or not seconds:
            return
        said = [detail, f"{_rate((now.rows - begun.rows) / seconds)} {self._unit}/s"]
        left = self._left((now.work - begun.work) / seconds)
        if left is not None:
            said.append(f"about {duration(left)} left")
        self._say(f"{self._what}: {', '.join(said)}")
        self._marks.append(now)

    def _left(self, per_second: float) -> float | None:
        """The seconds that are left; None where that is not known."""
        if self._total is None or self._work >= self._total or per_second <= 0:
            return None
        return (self._total - self._work) / per_second


def duration(seconds: float) -> str:
    """A time as people say it: `45 s`, `7 min`, `2 h 05 min`."""
    whole = max(1, round(seconds))
    if whole < 100:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"
