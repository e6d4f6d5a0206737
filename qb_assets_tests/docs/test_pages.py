"""No link is dead, and every command that is named is one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import qb_assets
from qb_assets_tests.docs.command_line import every_command, wrong_with
from qb_assets_tests.docs.pages import ROOT, Link, all_pages, commands, links, words_of

PACKAGE = Path(qb_assets.__file__).parent
PAGES = {str(page.relative_to(ROOT)): page for page in all_pages()}


def test_no_link_is_dead() -> None:
    found = [link for page in PAGES.values() for link in links(page)]
    assert [wrong for link in found if (wrong := link.wrong)] == []
    assert len(found) > 200, "the search finds hardly any link"


def test_a_dead_link_is_seen() -> None:
    page = PAGES["README.md"]
    assert "there is no docs/nothing.md" in (Link(page, "docs/nothing.md").wrong or "")
    assert "no such heading" in (Link(page, "docs/operating.md#nothing").wrong or "")
    assert Link(page, "docs/operating.md#a-connection").wrong is None


def test_the_commands_of_the_pages_exist_with_their_options() -> None:
    named = [words for page in PAGES.values() for words in commands(page.read_text("utf-8"))]
    assert [wrong for words in named if (wrong := wrong_with(words))] == []
    assert {" ".join(words[:2]) for words in named} >= {"schema migrate", "quarantine retry"}


def test_the_commands_that_messages_name_exist_with_their_options() -> None:
    """Messages and docstrings of the package, with their placeholders as they stand."""
    found = [
        words
        for file in sorted(PACKAGE.rglob("*.py"))
        if "qb-assets " in (source := file.read_text("utf-8"))
        for text in _texts(ast.parse(source))
        for after in re.findall(r"qb-assets( [a-z][^`\n]*)", text)
        for words in words_of(after.partition(" and ")[0])
        if re.fullmatch("[a-z]+", words[0])
    ]
    wrong = [message for words in found if (message := wrong_with(words))]
    assert wrong == []
    assert len(found) > 50


def _texts(tree: ast.AST) -> list[str]:
    """The texts of a module; of a formatted one with X for what is put in."""
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    inside = {id(part) for node in formatted for part in node.values}
    plain = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
    ]
    return plain + ["".join(map(_part, node.values)) for node in formatted]


def _part(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else " X "


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["frobnicate"], "no command 'frobnicate'"),
        (["schema", "destroy"], "no command 'destroy'"),
        (["check", "--everything"], "no option --everything"),
    ],
)
def test_a_command_that_is_none_is_seen(words: list[str], wrong: str) -> None:
    assert wrong in (wrong_with(words) or "")


@pytest.mark.parametrize(("words", "command"), [(" ".join(w), c) for w, c in every_command()])
def test_the_help_of_each_command_has_an_example(words: str, command: object) -> None:
    help_text = str(getattr(command, "help", ""))
    examples = re.findall(r"^\s*Example: qb-assets(.*)$", help_text, re.MULTILINE)
    assert examples, f"qb-assets {words} --help has no line 'Example: qb-assets {words} …'"
    for example in examples:
        assert example.strip().startswith(words)
        assert [wrong_with(each) for each in words_of(example)] == [None]
