"""The one rule by which QuickBooks' names become names of tables and columns."""

import re
from collections.abc import Sequence

LONGEST = 63
"""The bytes of a name that Postgres keeps; it cuts off the rest without an error."""

LONGEST_TABLE = LONGEST - len("_history")
"""What a table's own name may have, so that a table beside it can be named after it."""

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


def joined(names: Sequence[str], longest: int = LONGEST) -> str:
    """Give one name for a way of several: ("bill_addr", "line1") -> `bill_addr_line1`.

    Where that is longer than `longest`, the names on the way are left out until it fits, from the
    last but one outwards: ("credit_card_payment", "credit_charge_response", "cc_processor") with
    a limit of 40 gives `credit_card_payment_cc_processor`.

    Raises ValueError where the last name alone does not fit.
    """
    *way, last = names
    while len(name := "_".join([*way, last])) > longest:
        if not way:
            raise ValueError(
                f"catalog: the name {name} has {len(name)} characters, {longest} are kept; "
                f"declare a shorter one"
            )
        way.pop()
    return name
