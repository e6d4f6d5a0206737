"""Ids of our own, for records that QuickBooks' key does not tell from every other record.

A record that comes without its key is called `~<digest>`; the second record with one key in an
answer `<key>~<digest>`. The digest is that of the record's values, so the same record has the same
Id whenever and by whatever call it comes, and is held once.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import msgspec

_MADE_UP = re.compile(r".*~[0-9a-f]{32}", re.DOTALL)


def made_up_id(body: bytes, volatile: Sequence[str] = (), *, key: str = "") -> str:
    """An Id for a record by its values, less the properties that change on every read."""
    text = canonical(body, volatile)
    return f"{key}~{hashlib.blake2b(text, digest_size=16).hexdigest()}"


def is_made_up(identity: str) -> bool:
    """Whether an Id is one of ours, by which QuickBooks can be asked for nothing."""
    return _MADE_UP.fullmatch(identity) is not None


def canonical(body: bytes, volatile: Sequence[str] = ()) -> bytes:
    """The record with sorted keys and without white space; number literals keep their digits."""
    record = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    kept = {
        name: _canonical_value(bytes(raw)) for name, raw in record.items() if name not in volatile
    }
    return msgspec.json.encode({name: msgspec.Raw(kept[name]) for name in sorted(kept)})


def _canonical_value(raw: bytes) -> bytes:
    text = raw.strip()
    if text.startswith(b"{"):
        return canonical(text)
    if text.startswith(b"["):
        items = msgspec.json.decode(text, type=list[msgspec.Raw])
        return b"[" + b",".join(_canonical_value(bytes(item)) for item in items) + b"]"
    return text
