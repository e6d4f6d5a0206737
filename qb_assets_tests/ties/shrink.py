"""Makes a company that does not tie as small as it can be."""

from __future__ import annotations

from collections.abc import Callable

from qb_assets_tests.ties.case import Case


def shrunk(case: Case, differs: Callable[[Case], bool], tries: int) -> Case:
    """The simplest company found, with so many tries, that still differs."""
    tried = {case}
    found = True
    while found:
        found = False
        for simpler in case.simpler():
            if simpler in tried:
                continue
            if len(tried) > tries:
                return case
            tried.add(simpler)
            if differs(simpler):
                case, found = simpler, True
                break
    return case
