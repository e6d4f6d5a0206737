"""How the lines of a document must add up to its total."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSum:
    """The rule `sum(sign x Line.Amount) + sum(sign x header amount) = total`, to the cent.

    Amounts are in the document's currency, and a missing one is 0. A property is given by its
    path from the document, or for `by` from the line. A line's sign is that of its value at `by`
    in `signs`; for a value that is not there it is `otherwise`, and where that is None the whole
    document is left out, since the side on which such a line stands is not known. Without `by`
    every line has the sign `otherwise`.
    """

    source: str
    """Where the rule is from."""
    total: tuple[str, ...] | None = ("TotalAmt",)
    """The property the sum must equal; None for 0."""
    by: tuple[str, ...] = ()
    """The property of a line that decides its sign; an array on the way stands for its first
    element."""
    signs: tuple[tuple[str, int], ...] = ()
    otherwise: int | None = 1
    alone: tuple[tuple[str, int], ...] = ()
    """Signs for the lines of a document none of whose lines has its value in `signs`."""
    header: tuple[tuple[tuple[str, ...], int], ...] = ()
    """Amounts of the document itself which are added (1) or subtracted (-1)."""
    unless: tuple[str, ...] | None = None
    """An amount of the document; where it is not 0, the rule does not apply."""
