"""Every error of the runbook is produced, under its name, and every error has its entry."""

from __future__ import annotations

import re

import pytest

from qb_assets.lake.errors import LakeError
from qb_assets.quickbooks import faults
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.warehouse.errors import WarehouseError
from qb_assets_tests.docs import troubles
from qb_assets_tests.docs.pages import DOCS

PAGE = (DOCS / "runbook.md").read_text("utf-8")
CODES = re.findall(r"^\| `?([\w]+)`? \| (\d+) \| \[(\w+)\]", PAGE, re.MULTILINE)
SECTIONS = {
    section.partition("\n")[0]: section for section in re.split(r"^### ", PAGE, flags=re.M)[1:]
}
MESSAGES = [
    (name, message)
    for name, section in SECTIONS.items()
    for message in re.findall(r"^- `([^`]+)`$", section, re.MULTILINE)
]


def kinds(base: type[Exception]) -> set[str]:
    """The names of a class of errors and all below it."""
    return {base.__name__}.union(*(kinds(each) for each in base.__subclasses__()))


@pytest.fixture(scope="module")
def produced(tmp_path_factory: pytest.TempPathFactory) -> list[Exception]:
    """The errors of every trouble that is made."""
    folder = tmp_path_factory.mktemp("troubles")
    of_codes = [troubles.fault(code, int(status)) for code, status, _ in CODES]
    found = [
        *of_codes,
        *troubles.answers(),
        *troubles.wires(folder),
        *troubles.paging(),
        *troubles.files(folder),
        *troubles.tokens(folder),
        *troubles.calls(folder),
        *troubles.settings(folder),
        *troubles.pages(folder),
        *troubles.object_store(),
        *troubles.lake(folder),
        *troubles.warehouse(folder),
    ]
    return [error for error in found if error is not None]


@pytest.mark.parametrize(("code", "status", "name"), CODES)
def test_the_table_of_codes_is_right(code: str, status: str, name: str) -> None:
    error = troubles.fault(code, int(status))
    assert type(error).__name__ == name
    if name not in ("BadRecord", "ServerUnavailable", "Throttled"):
        assert not getattr(error, "retryable", True)


def test_in_trouble_of_its_own_quickbooks_sends_codes_that_mean_others() -> None:
    told = re.search(r"the codes ([\d, ]+) and\s(\d+) mean", PAGE)
    assert told is not None
    for code in (*told[1].split(", "), told[2]):
        assert isinstance(troubles.fault(code, 500), faults.ServerUnavailable)


def test_every_error_has_an_entry() -> None:
    names = kinds(QuickBooksError) | kinds(LakeError) | kinds(WarehouseError)
    assert set(SECTIONS) == names - {"QuickBooksError"}
    assert all("**Do:**" in section for section in SECTIONS.values())


@pytest.mark.parametrize(("name", "message"), MESSAGES)
def test_each_message_is_that_of_an_error_which_was_produced(
    produced: list[Exception], name: str, message: str
) -> None:
    pattern = ".*".join(map(re.escape, message.split("…")))
    texts = [str(error) for error in produced if type(error).__name__ == name]
    assert any(re.search(pattern, text, re.DOTALL) for text in texts), texts


def test_every_error_that_was_produced_is_told_of(produced: list[Exception]) -> None:
    told = [(name, ".*".join(map(re.escape, text.split("…")))) for name, text in MESSAGES]
    untold = [
        f"{type(error).__name__}: {error}"
        for error in produced
        if not any(type(error).__name__ == n and re.search(p, str(error)) for n, p in told)
    ]
    assert untold == []


def test_no_message_is_twice() -> None:
    assert len(MESSAGES) == len(set(MESSAGES)) > 80
