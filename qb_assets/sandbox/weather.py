"""Trouble on purpose: which calls a fault befalls, by a seed's dice and by a script.

The dice are rolled once for every call of the listed kinds, in the order in which they arrive: the
same weather and the same calls give the same faults.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import msgspec

from .dice import Dice
from .storms import KINDS, STORMS

ANY = "any"
_LISTED = tuple(sorted(KINDS - {"revoke"}))


def _check_kind(kind: str) -> None:
    if kind not in KINDS:
        raise ValueError(
            f"there are no calls of the kind {kind!r}, only {', '.join(sorted(KINDS))}"
        )


def _check(fault: str, kinds: Sequence[str]) -> None:
    for kind in kinds:
        _check_kind(kind)
    if fault not in STORMS:
        raise ValueError(f"there is no fault {fault!r}, only {', '.join(STORMS)}")
    if not STORMS[fault].kinds & set(kinds):
        raise ValueError(f"{fault} cannot befall {' or '.join(kinds)}")


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fault of the nth call of a kind since the weather began (from 1).

    It befalls as many calls in a row as `times` says, all that follow when it is null. `seconds`
    is how long the fault takes, where the weather's own is not meant.
    """

    on: str
    fault: str
    nth: int = 1
    times: int | None = 1
    seconds: float | None = None

    def __post_init__(self) -> None:
        _check(self.fault, [self.on])

    def befalls(self, kind: str, nth: int) -> bool:
        """Whether it is this call that is meant."""
        ends = math.inf if self.times is None else self.nth + self.times
        return self.on == kind and self.nth <= nth < ends


class Weather(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which faults there are; none by default.

    `rates` gives the share of calls that a fault befalls, by its name in `storms.STORMS`; the rate
    of `any` is shared by all the common faults that have no rate of their own. `only` are the
    kinds of calls the dice are rolled for (all, but for revocations). `script` comes before the
    dice. `seconds` is how long a slow answer takes and a trickling one in all, `retry_after` the
    seconds that throttled answers ask for when they ask for a wait. Raises ValueError for a fault
    there is not, one which cannot befall its kind, and rates of a kind above 1 in all.
    """

    seed: int = 0
    rates: dict[str, float] = {}
    only: tuple[str, ...] = _LISTED
    script: tuple[Step, ...] = ()
    seconds: float = 1.0
    retry_after: float = 1.0

    def __post_init__(self) -> None:
        for kind in self.only:
            _check_kind(kind)
        for fault in self.rates:
            if fault != ANY:
                _check(fault, self.only)
        for kind in self.only:
            shares = self.shares(kind)
            if any(share < 0 for share in self.rates.values()) or sum(shares.values()) > 1 + 1e-9:
                raise ValueError(f"the rates of {kind} are not between 0 and 1 in all: {shares}")

    @property
    def calm(self) -> bool:
        """Whether there is no trouble at all."""
        return not self.rates and not self.script

    def shares(self, kind: str) -> dict[str, float]:
        """The share of calls of a kind that each fault befalls."""
        named = {
            fault: rate
            for fault, rate in self.rates.items()
            if fault != ANY and kind in STORMS[fault].kinds
        }
        others = [
            fault
            for fault, storm in STORMS.items()
            if storm.common and kind in storm.kinds and fault not in self.rates
        ]
        each = self.rates.get(ANY, 0.0) / max(1, len(others))
        return {**named, **(dict.fromkeys(others, each) if each else {})}


FAIR = Weather()


@dataclass(frozen=True, slots=True)
class Strike:
    """A fault that befalls a call, where in it, and the seconds it takes."""

    fault: str
    place: float
    seconds: float


class Struck(TypedDict):
    """One fault that came: the call's number of all and of its kind, both from 1."""

    n: int
    kind: str
    nth: int
    fault: str


class Report(TypedDict):
    """What `GET /admin/weather` answers; `done` says of each fault which step would repeat it."""

    weather: Weather
    calls: int
    done: list[Struck]
    counts: dict[str, int]


class Forecast:
    """Decides, call by call, which fault befalls it, and remembers."""

    def __init__(self, weather: Weather) -> None:
        self.begin(weather)

    def begin(self, weather: Weather) -> None:
        """Start a weather in the place of the one there was, and forget what that one did."""
        self.weather = weather
        self._dice = Dice(weather.seed)
        self._ladders = {kind: _ladder(weather.shares(kind)) for kind in weather.only}
        self._calls: Counter[str] = Counter()
        self._done: list[Struck] = []

    def next(self, kind: str) -> Strike | None:
        """The fault of the call that arrives now, if one befalls it."""
        if kind not in KINDS:
            return None
        self._calls[kind] += 1
        nth = self._calls[kind]
        chance, place = 0.0, 0.5
        ladder = self._ladders.get(kind)
        if ladder is not None:
            chance, place = self._dice.random(), self._dice.random()
        step = next((step for step in self.weather.script if step.befalls(kind, nth)), None)
        seconds = self.weather.seconds
        if step is not None:
            fault = step.fault
            seconds = seconds if step.seconds is None else step.seconds
        else:
            fault = next((name for top, name in ladder or () if chance < top), "")
        if not fault:
            return None
        n = self._calls.total()
        self._done.append({"n": n, "kind": kind, "nth": nth, "fault": fault})
        return Strike(fault, place, seconds)

    def report(self) -> Report:
        """The weather, and what it has done since it began."""
        return {
            "weather": self.weather,
            "calls": self._calls.total(),
            "done": self._done,
            "counts": dict(Counter(struck["fault"] for struck in self._done)),
        }


def _ladder(shares: dict[str, float]) -> list[tuple[float, str]]:
    tops = itertools.accumulate(shares.values())
    return list(zip(tops, shares, strict=True))
