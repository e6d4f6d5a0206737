"""The models of the books: one SQL file each, whose heading says what it is.

A file holds one SELECT, and after it statements that make macros of the same table, if any. Its
heading is made of comments:

    -- What one row tells, in a sentence or more.
    --
    -- Grain: one row a company and account.
    --
    -- Columns:
    --   account_id VARCHAR <- quickbooks.account.id: What the column says, which may
    --     go on in further lines.

The arrow, where there is one, names the columns that the value is taken from. What a model is made
of is found in its statements: every `quickbooks.`, `reports.` and `books.` relation in them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEMA = "books"
"""The schema of DuckDB, the group of assets and the first part of their keys."""

_COLUMN = re.compile(r"(\w+) ([A-Z][A-Z0-9 (),]*?)(?: <- ([\w., ]+?))?: (.+)")
_RELATION = re.compile(r"\b(quickbooks|reports|books)\.(\w+)\b(?!\s*\()")
_NO_SQL = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view that a model is made of."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A column of a model, and the columns that its values are copies of."""

    name: str
    type: str
    doc: str
    sources: tuple[tuple[Relation, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """One table of the books, as its file declares it."""

    name: str
    doc: str
    grain: str
    columns: tuple[ModelColumn, ...]
    select: str
    macros: tuple[str, ...] = ()
    """Statements that follow: macros of the table, and what puts further rows into it."""

    @property
    def inputs(self) -> tuple[Relation, ...]:
        """The relations that it reads, without itself, in the order of their names."""
        code = _NO_SQL.sub(" ", " ".join([self.select, *self.macros]))
        found = {Relation(schema, name) for schema, name in _RELATION.findall(code)}
        return tuple(sorted(found - {Relation(SCHEMA, self.name)}, key=str))


class ModelError(Exception):
    """A model's file is not written as it must be; the text says where and how."""


def parse(name: str, text: str) -> Model:
    """Reads a model's file.

    Raises:
        ModelError: a part of the heading is missing or cannot be read.
    """
    lines = text.splitlines()
    size = next((at for at, line in enumerate(lines) if not line.startswith("--")), len(lines))
    heading = [line.removeprefix("--").removeprefix(" ") for line in lines[:size]]
    paragraphs = "\n".join(heading).split("\n\n")
    grain = [each for each in paragraphs if each.startswith("Grain: ")]
    columns = [each for each in paragraphs if each.startswith("Columns:\n")]
    if len(grain) != 1 or len(columns) != 1:
        raise ModelError(
            f"books/models/{name}.sql: its heading must have one paragraph that begins with"
            " Grain: and one that begins with Columns:"
        )
    docs = [each for each in paragraphs if each not in (*grain, *columns)]
    select, *macros = [part.strip() for part in "\n".join(lines[size:]).split(";\n")]
    return Model(
        name=name,
        doc="\n\n".join(" ".join(each.split("\n")) for each in docs).strip(),
        grain=" ".join(grain[0].removeprefix("Grain: ").split("\n")),
        columns=tuple(_column(name, entry) for entry in _entries(columns[0])),
        select=select.rstrip(";"),
        macros=tuple(macro.rstrip(";") for macro in macros if macro),
    )


def _entries(paragraph: str) -> list[str]:
    """One text a column; what is indented further goes on with the column before."""
    entries: list[str] = []
    for line in paragraph.split("\n")[1:]:
        if line.startswith("    ") and entries:
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line.strip())
    return entries


def _column(model: str, entry: str) -> ModelColumn:
    found = _COLUMN.fullmatch(entry)
    if found is None:
        raise ModelError(
            f"books/models/{model}.sql: {entry!r} is no column; write: name TYPE: what it says"
        )
    name, kind, listed, doc = found.groups()
    sources = listed.split(", ") if listed else []
    return ModelColumn(name, kind, doc, tuple(map(_source, sources)))


def _source(text: str) -> tuple[Relation, str]:
    schema, table, column = text.split(".")
    return Relation(schema, table), column
