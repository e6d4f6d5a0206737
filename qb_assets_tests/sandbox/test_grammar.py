"""The parser of statements, on what no hand-written list would hold."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qb_assets.sandbox.faults import QuickBooksError
from qb_assets.sandbox.grammar import Condition, Order, Statement, parse

IDENTIFIER = st.from_regex(r"x[A-Za-z0-9_]{0,8}(\.x[A-Za-z]{0,5})?", fullmatch=True)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


@given(st.text(), IDENTIFIER)
@example("O'Brien \\ 'x", "xName")
def test_any_text_can_be_asked_for(text: str, path: str) -> None:
    statement = parse(f"select * from Item where {path} = {quoted(text)}")
    assert statement.where == (Condition(path, "=", (text,)),)


@given(
    st.lists(IDENTIFIER, min_size=1, max_size=4),
    st.lists(st.builds(Order, IDENTIFIER, st.booleans()), max_size=3),
    st.integers(1, 10**9),
    st.integers(0, 1000),
)
def test_what_is_written_is_read(
    columns: list[str], order: list[Order], start: int, limit: int
) -> None:
    keys = ", ".join(f"{o.path} {'desc' if o.descending else 'asc'}" for o in order)
    text = f"SELECT {','.join(columns)} FROM Invoice "
    text += f"ORDER BY {keys} " if order else ""
    text += f"STARTPOSITION {start}\nMAXRESULTS {limit} "
    expected = Statement("Invoice", tuple(columns), order=tuple(order), start=start, limit=limit)
    assert parse(text) == expected


@given(st.text(max_size=60))
@example("select * from Invoice where Id = 'a''b'")
def test_anything_else_is_a_fault_and_no_crash(text: str) -> None:
    with contextlib.suppress(QuickBooksError):
        assert parse(text).entity in text


def test_where_the_error_is() -> None:
    with pytest.raises(QuickBooksError) as caught:
        parse("select * from Customer where DisplayName = 'O''Brien'")
    assert 'Encountered " <STRING> "' in caught.value.detail
    assert "at line 1, column 47" in caught.value.detail
