"""The postings of documents, derived by the rules by which QuickBooks posts them."""

from qb_assets.books.posting.build import build_posting, make_posting
from qb_assets.books.posting.model import parts_of_posting, posting_model

__all__ = ["build_posting", "make_posting", "parts_of_posting", "posting_model"]
