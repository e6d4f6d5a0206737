"""Chance that a seed repeats."""

from __future__ import annotations

from random import Random


class Dice(Random):
    """Choices that a seed repeats; nothing secret hangs on them."""
