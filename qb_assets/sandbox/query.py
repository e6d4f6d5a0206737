"""Answering query statements from the books."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from .books import Books
from .documents import join, projector
from .faults import validation_error
from .grammar import Condition, Order, Statement, parse
from .poison import whole
from .shelf import UPDATED, Entry, Row, Shelf, bounds
from .values import MISSING, Key, is_typed, like_pattern, literal_key

_Test = Callable[[Row], bool]
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gives: the `QueryResponse` object, and the rows in it (none of a COUNT)."""

    body: bytes
    entity: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class _Found:
    """How many rows match, and the one at each place (from 0)."""

    total: int
    at: Callable[[int], Row]


class QueryEngine:
    """Runs statements; it remembers the last few filtered or sorted results, for their pages."""

    def __init__(self, books: Books) -> None:
        self._books = books
        self._results: OrderedDict[object, list[Row]] = OrderedDict()

    def run(self, text: str) -> Answer:
        """The answer to a statement; raises QuickBooksError as QuickBooks does.

        4000 or 4001 for the statement, 10000 for a poisoned record in the answer.
        """
        statement = parse(text)
        shelf = self._books.shelf(statement.entity)
        if shelf is None:
            raise validation_error(f"invalid context declaration: {statement.entity}")
        statement = _named(statement, shelf)
        name = shelf.entity.name
        if statement.count:
            total = self._matches(statement, shelf).total
            return Answer(b'{"totalCount":%d}' % total, name, ())
        rows = self._page(statement, shelf)
        if not rows:
            return Answer(b"{}", name, ())
        page = join(_bodies(statement, shelf, rows))
        parts = (shelf.entity.answer_key.encode(), page, statement.start, len(rows))
        return Answer(b'{"%b":%b,"startPosition":%d,"maxResults":%d}' % parts, name, rows)

    def _page(self, statement: Statement, shelf: Shelf) -> Sequence[Row]:
        found = self._matches(statement, shelf)
        first = statement.start - 1
        return [found.at(i) for i in range(first, min(first + statement.limit, found.total))]

    def _matches(self, statement: Statement, shelf: Shelf) -> _Found:
        """Every row that the statement matches, in its order (in any, for a COUNT)."""
        inactive, where = _activity(statement.where, shelf)
        order = statement.order or _natural(shelf)
        path = _driver(statement, order, where)
        entries = shelf.index(path).entries(inactive=inactive)
        low, high, rest = self._narrow(path, entries, where)
        if not rest and (statement.count or (len(order) == 1 and order[0].path == path)):
            rows = shelf.rows
            if order[0].descending:
                return _Found(high - low, lambda i: rows[entries[high - 1 - i][1]])
            return _Found(high - low, lambda i: rows[entries[low + i][1]])
        key = (shelf.entity.name, shelf.version, statement.where, order, statement.count)
        if key not in self._results:
            chosen = _by_id(where, shelf, inactive=inactive)
            if chosen is None:
                chosen = [shelf.rows[number] for _, number in entries[low:high]]
            else:
                rest = list(where)
            for test in [self._test(condition, shelf) for condition in rest]:
                chosen = [row for row in chosen if test(row)]
            for part in () if statement.count else reversed(order):
                chosen.sort(key=shelf.keyer(part.path), reverse=part.descending)
            self._results[key] = chosen
        self._results.move_to_end(key)
        while len(self._results) > _REMEMBERED:
            self._results.popitem(last=False)
        found = self._results[key]
        return _Found(len(found), found.__getitem__)

    def _narrow(
        self, path: str, entries: Sequence[Entry], where: Sequence[Condition]
    ) -> tuple[int, int, list[Condition]]:
        """The range of entries that the conditions on their own property leave, and the others."""
        low, high, rest = 0, len(entries), list[Condition]()
        for condition in where:
            ranged = condition.operator in ("=", "<", "<=", ">", ">=")
            if condition.path != path or not ranged or not is_typed(path):
                rest.append(condition)
                continue
            literal = self._literal(condition, condition.literals[0], MISSING)
            first, last = bounds(entries, condition.operator, literal)
            low, high = max(low, first), min(high, last)
        return low, max(low, high), rest

    def _literal(self, condition: Condition, literal: str, like: Key) -> Key:
        try:
            return literal_key(condition.path, literal, like, self._books.clock.zone)
        except ValueError as error:
            raise validation_error(f"{condition.path}: {error}") from None

    def _test(self, condition: Condition, shelf: Shelf) -> _Test:
        key_of_row = shelf.keyer(condition.path)
        if condition.operator == "LIKE":
            pattern = like_pattern(condition.literals[0].casefold())

            def like(row: Row) -> bool:
                key = key_of_row(row)
                return key != MISSING and pattern.fullmatch(str(key[1])) is not None

            return like
        if is_typed(condition.path):
            for literal in condition.literals:
                self._literal(condition, literal, MISSING)

        def test(row: Row) -> bool:
            key = key_of_row(row)
            keys = (self._literal(condition, literal, key) for literal in condition.literals)
            return any(_compare(condition, key, literal) for literal in keys)

        return test


def _driver(statement: Statement, order: tuple[Order, ...], where: tuple[Condition, ...]) -> str:
    """The property whose index is read: the one that leaves the fewest rows to look at."""
    first = order[0].path
    if is_typed(first) and any(c.path == first for c in where):
        return first
    narrowed = any(c.path == UPDATED for c in where)
    return UPDATED if statement.count or narrowed else first


def _compare(condition: Condition, key: Key, literal: Key) -> bool:
    operator = condition.operator
    if operator == "!=":
        return key != literal
    if operator in ("=", "IN"):
        return key == literal
    if key == MISSING and not is_typed(condition.path):
        return False
    if operator in ("<", "<="):
        return key < literal or (operator == "<=" and key == literal)
    return key > literal or (operator == ">=" and key == literal)


def _by_id(where: Sequence[Condition], shelf: Shelf, *, inactive: bool) -> list[Row] | None:
    """The rows that can match where Ids are named, without a look at any other; None elsewhere."""
    named = next((c for c in where if c.path == "Id" and c.operator in ("=", "IN")), None)
    if named is None:
        return None
    rows = [shelf.get(id) for id in dict.fromkeys(named.literals)]
    return [row for row in rows if row is not None and (inactive or row.active)]


def _named(statement: Statement, shelf: Shelf) -> Statement:
    """The statement with every property by its exact name."""

    def exact(name: str) -> str:
        if name == "*":
            return name
        found = shelf.property_named(name)
        if found is None:
            entity = shelf.entity.name
            raise validation_error(f"Property {name} not found for Entity {entity}")
        return found

    return replace(
        statement,
        columns=tuple(exact(name) for name in statement.columns),
        where=tuple(replace(c, path=exact(c.path)) for c in statement.where),
        order=tuple(replace(o, path=exact(o.path)) for o in statement.order),
    )


def _activity(where: tuple[Condition, ...], shelf: Shelf) -> tuple[bool, tuple[Condition, ...]]:
    """Whether hidden rows are asked for, and the conditions that are then left to test."""
    if not shelf.entity.active:
        return True, where
    asked = [c for c in where if c.path == "Active"]
    both = {"true", "false"}
    rest = tuple(
        c for c in where if c.path != "Active" or {text.casefold() for text in c.literals} != both
    )
    return bool(asked), rest


def _natural(shelf: Shelf) -> tuple[Order, ...]:
    """The order of rows that no ORDERBY orders; it is none to page by."""
    return (Order(shelf.entity.order_by, shelf.entity.newest_first),)


def _bodies(statement: Statement, shelf: Shelf, rows: Sequence[Row]) -> list[bytes]:
    hidden = shelf.entity.hidden
    if "*" not in statement.columns:
        cut = projector(statement.columns, wrapped=shelf.entity.wrapped)
        return [cut(row.record.body) for row in rows]
    bodies = whole(shelf, rows)
    if not hidden or hidden in statement.columns:
        return bodies
    return [row.starred(hidden) for row in rows]
