"""What the command line has: every command, and whether words are one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import typer

from qb_assets.cli import app


@cache
def root() -> Any:
    """The command `qb-assets`, as click has it."""
    return typer.main.get_command(app)


def every_command() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, by the words that name it."""
    yield from _below((), root())


def wrong_with(words: Sequence[str]) -> str | None:
    """What is wrong with the words of a command: one that is not, or an option it has not."""
    command, left = root(), list(words)
    while left and hasattr(command, "commands") and not left[0].startswith("-"):
        name = left.pop(0)
        if name not in command.commands:
            return f"there is no command {name!r}: qb-assets {' '.join(words)}"
        command = command.commands[name]
    known = {option for each in command.params for option in (*each.opts, *each.secondary_opts)}
    for word in left:
        option = word.partition("=")[0]
        if option.startswith("--") and option not in {*known, "--help"}:
            return f"there is no option {option}: qb-assets {' '.join(words)}"
    return None


def _below(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield words, command
        return
    for name, each in inner.items():
        yield from _below((*words, name), each)
