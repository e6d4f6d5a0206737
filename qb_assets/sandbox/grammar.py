"""QuickBooks' query statements: a tokenizer and a parser.

`SELECT *|COUNT(*)|props FROM Entity [WHERE p op v [AND …]] [ORDERBY p [ASC|DESC],…]
[STARTPOSITION n] [MAXRESULTS n]` (Intuit, "Query operations and syntax").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .faults import parser_error, unexpected, validation_error

DEFAULT_ROWS = 100
MAX_ROWS = 1000
_OPERATORS = frozenset({"=", "<", ">", "<=", ">=", "!="})
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*')
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
      | (?P<sign><=|>=|!=|[=<>(),*])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a WHERE; only IN has several literals."""

    path: str
    operator: str
    literals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """One key of an ORDERBY."""

    path: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """A parsed statement; names are as they were written. `start` counts from 1."""

    entity: str
    columns: tuple[str, ...]
    count: bool = False
    where: tuple[Condition, ...] = ()
    order: tuple[Order, ...] = ()
    start: int = 1
    limit: int = DEFAULT_ROWS


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int

    @property
    def keyword(self) -> str:
        return self.text.upper() if self.kind == "word" else self.text


def parse(statement: str) -> Statement:
    """Parse a statement; raises QuickBooksError 4000 when it is not in the grammar.

    More than 1000 rows is 4001, as QuickBooks says it.
    """
    if not statement.strip():
        raise parser_error("The query provided was empty")
    return _Parser(_tokens(statement)).statement()


def _tokens(statement: str) -> list[_Token]:
    tokens: list[_Token] = []
    at, end = 0, len(statement.rstrip())
    while at < end:
        match = _TOKEN.match(statement, at)
        if match is None:
            at += len(statement[at:]) - len(statement[at:].lstrip())
            raise parser_error(
                f"Invalid content. Lexical error at line 1, column {at + 1}.  "
                f'Encountered: "{statement[at]}" ({ord(statement[at])}), after : ""'
            )
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return [*tokens, _Token("end", "<EOF>", end + 1)]


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def statement(self) -> Statement:
        self._need("SELECT")
        columns, count = self._columns()
        self._need("FROM")
        entity = self._name()
        where = self._conditions() if self._take("WHERE") else ()
        order = self._order()
        start, limit = self._paging()
        if self._peek.kind != "end":
            raise self._unexpected("<EOF>", "<AND>", '"maxresults"', '"orderby"', '"startposition"')
        return Statement(entity, columns, count, where, order, start, limit)

    def _columns(self) -> tuple[tuple[str, ...], bool]:
        if self._peek.keyword == "COUNT" and self._tokens[self._at + 1].text == "(":
            for part in ("COUNT", "(", "*", ")"):
                self._need(part)
            return (), True
        columns = [self._column()]
        while self._take(","):
            columns.append(self._column())
        return tuple(columns), False

    def _column(self) -> str:
        return "*" if self._take("*") else self._name()

    def _conditions(self) -> tuple[Condition, ...]:
        conditions = [self._condition()]
        while self._take("AND"):
            conditions.append(self._condition())
        return tuple(conditions)

    def _condition(self) -> Condition:
        path = self._name()
        operator = self._peek.keyword
        if operator not in _OPERATORS and operator not in ("IN", "LIKE"):
            raise self._unexpected('"="', '"<"', '">"', '"<="', '">="', '"!="', '"in"', '"like"')
        self._at += 1
        if operator != "IN":
            return Condition(path, operator, (self._literal(),))
        self._need("(")
        literals = [self._literal()]
        while self._take(","):
            literals.append(self._literal())
        self._need(")")
        return Condition(path, "IN", tuple(literals))

    def _order(self) -> tuple[Order, ...]:
        if self._take("ORDER"):
            self._need("BY")
        elif not self._take("ORDERBY"):
            return ()
        keys = [self._order_key()]
        while self._take(","):
            keys.append(self._order_key())
        return tuple(keys)

    def _order_key(self) -> Order:
        path = self._name()
        if self._take("DESC"):
            return Order(path, descending=True)
        self._take("ASC")
        return Order(path)

    def _paging(self) -> tuple[int, int]:
        start, limit = 1, DEFAULT_ROWS
        if self._take("STARTPOSITION"):
            start = max(1, self._integer())
        if self._take("MAXRESULTS"):
            limit = self._integer()
        if limit > MAX_ROWS:
            raise validation_error(f"value {limit} is too large. Max allowed value is {MAX_ROWS}.")
        return start, limit

    def _integer(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdecimal():
            self._at -= 1
            raise self._unexpected("<INTEGER>")
        return int(token.text)

    def _literal(self) -> str:
        token = self._next()
        if token.kind == "text":
            return _ESCAPED.sub(r"\1", token.text[1:-1])
        if token.kind == "number" or token.keyword in ("TRUE", "FALSE"):
            return token.text
        self._at -= 1
        raise self._unexpected("<STRING>", "<INTEGER>", "<DECIMAL>", '"true"', '"false"')

    def _name(self) -> str:
        if self._peek.kind != "word":
            raise self._unexpected("<IDENTIFIER>")
        return self._next().text

    @property
    def _peek(self) -> _Token:
        return self._tokens[self._at]

    def _next(self) -> _Token:
        token = self._tokens[self._at]
        self._at += token.kind != "end"
        return token

    def _take(self, keyword: str) -> bool:
        if self._peek.kind == "text" or self._peek.keyword != keyword:
            return False
        self._at += 1
        return True

    def _need(self, keyword: str) -> None:
        if not self._take(keyword):
            raise self._unexpected(f'"{keyword.lower()}"')

    def _unexpected(self, *expected: str) -> Exception:
        token = self._peek
        names = {"text": "<STRING>", "number": "<INTEGER>", "word": "<IDENTIFIER>"}
        label = f'{names[token.kind]} "{token.text} "' if token.kind in names else token.text
        return unexpected(label, token.column, expected)
