"""No asset, check, job, schedule or sensor comes, goes or changes without its line in the page."""

import difflib

from qb_assets.definitions import defs
from qb_assets_tests.spec.page import PAGE, spec_of


def test_what_dagster_is_told_of_is_as_the_page_says() -> None:
    page, now = PAGE.read_text("utf-8"), spec_of(defs)
    difference = difflib.unified_diff(page.splitlines(), now.splitlines(), lineterm="", n=0)
    assert list(difference) == [], "if this is meant: python -m qb_assets_tests.spec"
