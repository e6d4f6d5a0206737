"""Corruptions of a company's tables, and whether the checks of the books see each of them."""
