"""The page of versions says what the packaging and the lock file say."""

from __future__ import annotations

import re
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from qb_assets.quickbooks.wire import MINOR_VERSION
from qb_assets_tests.docs.pages import DOCS, ROOT

PAGE = (DOCS / "compatibility.md").read_text("utf-8")
ROWS = {
    name: (asked, tested)
    for name, asked, tested in re.findall(r"^\| ([\w-]+) \| (\S+) \| (.*) \|$", PAGE, re.MULTILINE)
}
LOCK = ROOT / "requirements.lock"


def locked() -> dict[str, list[str]]:
    """The versions of each package in the lock file; several where they differ by Python."""
    found: dict[str, list[str]] = {}
    for line in LOCK.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", " ", "-")):
            each = Requirement(line)
            version = str(each.specifier).removeprefix("==")
            found.setdefault(canonicalize_name(each.name), []).append(version)
    return found


def test_the_table_is_that_of_the_packaging() -> None:
    wanted = [Requirement(text) for text in metadata.requires("qb_assets") or ()]
    needed = {each.name: each.specifier for each in wanted if "extra" not in str(each.marker)}
    assert set(ROWS) == {*needed, "Python"}
    for name, specifier in needed.items():
        asked, tested = ROWS[name]
        assert Requirement(f"{name}{asked}").specifier == specifier, name
        assert tested.split(", ") == locked()[canonicalize_name(name)], name
        assert all(specifier.contains(version) for version in tested.split(", ")), name


def test_python_and_the_minor_version_are_those_in_use() -> None:
    about = metadata.metadata("qb_assets")
    assert ROWS["Python"][0] == about["Requires-Python"]
    assert f"`minorversion={MINOR_VERSION}`" in PAGE


def test_the_changelog_has_this_version() -> None:
    headings = re.findall(r"^## (\S+)$", (DOCS / "changelog.md").read_text("utf-8"), re.MULTILINE)
    assert headings[0] == metadata.version("qb_assets")


@pytest.mark.parametrize("name", ["contributing", "runbook", "operating", "data/index"])
def test_each_page_can_be_found_from_the_others(name: str) -> None:
    others = [page for page in DOCS.glob("*.md") if page.stem != name]
    assert any(f"({name}.md" in page.read_text("utf-8") for page in others)
