"""The figures of what was sent: by kind of call and entity, as they are now and between moments."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

Key = tuple[str, str]
"""A kind of call, and the entity or entities it asked for."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What calls came to. They add and subtract.

    `sent` are all requests, `metered` those answered with HTTP 2xx, which Intuit counts, `retried`
    those that sent a call again. `errors` counts failed requests by the class of their error.
    `bytes` are those of unpacked bodies, `seconds` the time until a request was answered, `waited`
    the seconds before it in the throttle.
    """

    sent: int = 0
    metered: int = 0
    retried: int = 0
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    errors: Mapping[str, int] = field(default_factory=dict[str, int])

    def __add__(self, other: Figures) -> Figures:
        return self._with(other, 1)

    def __sub__(self, earlier: Figures) -> Figures:
        return self._with(earlier, -1)

    def _with(self, other: Figures, sign: int) -> Figures:
        errors = Counter(self.errors)
        for name, number in other.errors.items():
            errors[name] += sign * number
        return Figures(
            sent=self.sent + sign * other.sent,
            metered=self.metered + sign * other.metered,
            retried=self.retried + sign * other.retried,
            rows=self.rows + sign * other.rows,
            bytes=self.bytes + sign * other.bytes,
            seconds=self.seconds + sign * other.seconds,
            waited=self.waited + sign * other.waited,
            errors={name: number for name, number in errors.items() if number},
        )


_NOTHING = Figures()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures at a moment; a later one less an earlier one is what came between.

    Only what there were requests of is in it.
    """

    by: Mapping[Key, Figures]

    @property
    def total(self) -> Figures:
        """All together."""
        return sum(self.by.values(), _NOTHING)

    @property
    def sent(self) -> Counter[Key]:
        """All requests."""
        return Counter({key: figures.sent for key, figures in self.by.items()})

    @property
    def metered(self) -> Counter[Key]:
        """The requests that Intuit counts."""
        return Counter({key: each.metered for key, each in self.by.items() if each.metered})

    def __sub__(self, earlier: Snapshot) -> Snapshot:
        differences = {
            key: figures - earlier.by.get(key, _NOTHING) for key, figures in self.by.items()
        }
        return _snapshot({key: each for key, each in differences.items() if each.sent})


class Usage:
    """Adds up what is sent, from any number of threads."""

    def __init__(self) -> None:
        self._figures: dict[Key, Figures] = {}
        self._guard = threading.Lock()

    def add(self, kind: str, entity: str, figures: Figures) -> None:
        """Adds the figures of one or more requests."""
        with self._guard:
            held = self._figures.get((kind, entity), _NOTHING)
            self._figures[kind, entity] = held + figures

    def snapshot(self) -> Snapshot:
        """The figures as they are now, which do not change any more."""
        with self._guard:
            return _snapshot(dict(self._figures))

    @property
    def sent(self) -> Counter[Key]:
        """All requests so far."""
        return self.snapshot().sent

    def metered_so_far(self) -> Counter[Key]:
        """The requests so far that Intuit counts."""
        return self.snapshot().metered


def _snapshot(by: dict[Key, Figures]) -> Snapshot:
    return Snapshot(MappingProxyType(by))
