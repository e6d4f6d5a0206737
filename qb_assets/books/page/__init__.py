"""The books as one page to hand to an accountant: statements, aging, charts, reconciliation."""

from qb_assets.books.page.page import build_page

__all__ = ["build_page"]
