"""The one source of chance of a generated company: same seed, same books, on every Python."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance(Random):
    """Draws made from `random()` alone, whose sequence for a seed is fixed across versions.

    `choice`, `randrange` and the like have changed their algorithms between Python versions;
    these draws have not, so a seed names one company for good.
    """

    def hit(self, probability: float) -> bool:
        """Whether an event of this probability (0 to 1) happens."""
        return self.random() < probability

    def below(self, bound: int) -> int:
        """An integer from 0 to `bound` - 1; `bound` is at least 1."""
        return int(self.random() * bound)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        """One of `options`, each as likely as the other; there is at least one."""
        return options[int(self.random() * len(options))]
