"""A generated company: a small landscaping business, made from a seed, of any size and profile.

Its double-entry ledger is made first, from events; its records are rendered from the ledger, so
that what a pipeline brings out of them can be compared with a truth that owes it nothing.
"""

from .books import GeneratedBooks, generate_books, generate_company
from .model import Entry, NameRef, Posting
from .profile import Profile

__all__ = [
    "Entry",
    "GeneratedBooks",
    "NameRef",
    "Posting",
    "Profile",
    "generate_books",
    "generate_company",
]
