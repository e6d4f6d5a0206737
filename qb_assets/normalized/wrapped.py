"""Records in an object with one key, their type, as rows of the record itself."""

from __future__ import annotations

import msgspec

from qb_assets.catalog import WRAPPER
from qb_assets.normalized.walk import OddRecord

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


def unwrapped(payload: bytes) -> bytes:
    """The record inside `{"Bill": {…}}`, with the key around it as its property `WRAPPER`.

    Raises:
        OddRecord: the row is something else.
    """
    try:
        [(key, inner)] = _members.decode(payload).items()
        members = _members.decode(inner)
    except (msgspec.MsgspecError, ValueError) as error:
        raise OddRecord("the row is not one record in an object with one key") from error
    if WRAPPER in members:
        raise OddRecord(f"the record has a property {WRAPPER} of its own")
    head = b"{" + msgspec.json.encode(WRAPPER) + b":" + msgspec.json.encode(key)
    rest = bytes(inner).lstrip()[1:]
    return head + (b"," if members else b"") + rest
