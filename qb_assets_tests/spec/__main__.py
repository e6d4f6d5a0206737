"""Writes the page anew: `python -m qb_assets_tests.spec`."""

from qb_assets.definitions import defs
from qb_assets_tests.spec.page import PAGE, spec_of

PAGE.write_text(spec_of(defs), "utf-8")
