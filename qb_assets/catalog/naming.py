"""The one rule by which QuickBooks' names become names of tables and columns."""

import re

# A word begins at a capital after a small letter, and at the last capital of a run of capitals or
# digits when a small letter follows: APAccount -> AP|Account, T4AEligible -> T4A|Eligible.
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z])")


def snake(name: str) -> str:
    """Give a QuickBooks name in snake_case: `POStatus` -> `po_status`, `Line1` -> `line1`."""
    return _WORD.sub("_", name).lower()


def singular(name: str) -> str:
    """Give a snake_case name in the singular: `custom_extensions` -> `custom_extension`."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith("sses"):
        return name[:-2]
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return name[:-1]
    return name


def reference(name: str) -> str:
    """Give the stem of a reference's columns: `APAccountRef` -> `ap_account`."""
    return snake(name.removesuffix("Ref"))
