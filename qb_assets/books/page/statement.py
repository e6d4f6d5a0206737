"""A statement as lines of figures, whichever way it is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from qb_assets.books.page.figures import ZERO, Figures, added
from qb_assets.books.page.source import Account

Kind: TypeAlias = Literal["heading", "account", "subtotal", "total", "result"]
"""A heading has no figures; subtotals end a branch of accounts, totals a section; a result is what
sections make together."""

NOT_SPECIFIED = "Not specified"
TOTAL = "Total"
"""The last column or line of many statements."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a label, how far it is indented, and a figure a column."""

    label: str
    level: int
    kind: Kind
    figures: Figures = ()
    note: str = ""
    """A word beside the label, such as another currency."""


@dataclass
class Statement:
    """A table of figures, with the lines that others are compared with by name."""

    title: str
    columns: tuple[str, ...]
    lines: list[Line] = field(default_factory=list[Line])
    totals: dict[str, Figures] = field(default_factory=dict[str, Figures])

    def nothing(self) -> Figures:
        """A zero a column."""
        return (ZERO,) * len(self.columns)

    def heading(self, label: str, level: int = 0) -> None:
        """Adds a line without figures."""
        self.lines.append(Line(label, level, "heading"))

    def result(
        self, name: str, label: str, figures: Figures, level: int = 0, kind: Kind = "result"
    ) -> Figures:
        """Adds what sections make together, and keeps it by name."""
        self.lines.append(Line(label, level, kind, figures))
        self.totals[name] = figures
        return figures

    def section(
        self,
        name: str,
        label: str,
        amounts: Mapping[str | None, Figures],
        accounts: Mapping[str, Account],
        level: int = 0,
    ) -> Figures:
        """Adds a section: the accounts that have a figure, below those that they belong to.

        Returns:
            Its sum, which is zero where there are none; nothing is added then.
        """
        shown = {key: figures for key, figures in amounts.items() if any(figures)}
        figures = added(self.nothing(), *shown.values())
        self.totals[name] = figures
        if shown:
            self.heading(label, level)
            self.lines += branches(shown, accounts, level + 1)
            self.lines.append(Line(f"Total {_lowered(label)}", level, "total", figures))
        return figures


def branches(
    amounts: Mapping[str | None, Figures], accounts: Mapping[str, Account], level: int
) -> list[Line]:
    """Accounts as a tree: one with others below it ends with a subtotal.

    Those above an account that has a figure are shown too, though they have none of their own.
    """
    below: dict[str | None, list[str]] = defaultdict(list)
    for identity in _with_those_above(amounts, accounts):
        parent = accounts[identity].parent_id
        below[parent if parent in accounts else None].append(identity)
    lines: list[Line] = []

    def add(identity: str, depth: int) -> Figures:
        account = accounts[identity]
        own = amounts.get(identity)
        children = sorted(below[identity], key=lambda each: accounts[each].order)
        if not children:
            assert own is not None
            lines.append(Line(account.label, depth, "account", own))
            return own
        at = len(lines)
        parts = [add(each, depth + 1) for each in children]
        kind: Kind = "account" if own else "heading"
        lines.insert(at, Line(account.label, depth, kind, own or ()))
        whole = added(*parts, *([own] if own else []))
        lines.append(Line(f"Total {account.label}", depth, "subtotal", whole))
        return whole

    for identity in sorted(below[None], key=lambda each: accounts[each].order):
        add(identity, level)
    lines += [
        Line(key or NOT_SPECIFIED, level, "account", figures)
        for key, figures in amounts.items()
        if key is None or key not in accounts
    ]
    return lines


def _with_those_above(
    shown: Collection[str | None], accounts: Mapping[str, Account]
) -> dict[str, None]:
    found: dict[str, None] = {}
    for each in shown:
        identity = each
        while identity is not None and identity in accounts and identity not in found:
            found[identity] = None
            identity = accounts[identity].parent_id
    return found


def _lowered(label: str) -> str:
    """The label within a line: only its first letter changes."""
    return label[:1].lower() + label[1:]
