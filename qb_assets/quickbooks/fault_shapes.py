"""Reads the fault out of any answer: API JSON, gateway JSON, XML, HTML, OAuth JSON.

The shapes are those of Intuit's "Error codes" and of recorded answers; some come in XML or HTML
whatever was asked for, and a Fault can come with HTTP 200.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import msgspec

_XML_FAULT = re.compile(r"<(?:\w+:)?Fault\b([^>]*)>", re.IGNORECASE)
_XML_ERROR = re.compile(
    r"<(?:\w+:)?Error\b([^>]*)>(.*?)</(?:\w+:)?Error>", re.IGNORECASE | re.DOTALL
)
_CODE_IN_MESSAGE = re.compile(r"errorCode=0*(\d+)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_SECRET_LIKE = re.compile(r"(?=[^\s;,:]*\d)[^\s;,:]{24,}")
_READABLE = 160


@dataclass(frozen=True, slots=True)
class Fault:
    """What a fault says: Intuit's code ("" where it has none), its words, and its type.

    `detail` may hold customers' data or a token: show it through `plain` only.
    """

    code: str
    message: str
    detail: str
    type: str


ABSENT = msgspec.Raw(b"null")
"""Stands for a property that is not there; null means the same."""


_FAULT_NAMES = tuple(f'"{name}"'.encode() for name in ("Fault", "fault", "error"))


_END = 16_384


class _Envelope(msgspec.Struct):
    Fault: msgspec.Raw = ABSENT
    fault: msgspec.Raw = ABSENT
    error: msgspec.Raw = ABSENT


def fault_in(body: bytes) -> Fault | None:
    """The first fault that a body holds, or None.

    Raises msgspec.DecodeError for JSON that is cut short. Of a large answer the ends alone are
    looked at: whether it is whole, its reader finds out.
    """
    text = body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<"):
        return _xml_fault(text)
    ends = text[:_END] + text[-_END:]
    if len(text) > len(ends) and not any(name in ends for name in _FAULT_NAMES):
        return None  # beside as many records a fault comes before them or after them
    envelope = msgspec.json.decode(text, type=_Envelope)
    for raw in (envelope.Fault, envelope.fault):
        if raw != ABSENT:
            return _json_fault(raw)
    return None if envelope.error == ABSENT else _oauth_fault(text)


def item_fault(raw: msgspec.Raw) -> Fault:
    """The fault of one item of a batch, from its `Fault` value."""
    return _json_fault(raw) or Fault("", "", "", "")


def is_web_page(body: bytes) -> bool:
    """Whether a body is HTML, as gateways and proxies send it."""
    head = body[:512].lstrip().lower()
    return head.startswith((b"<!doctype html", b"<html"))


def plain(text: str) -> str:
    """Words of a server in one short line, with quoted values and long codes cut out."""
    line = " ".join(text.split())
    line = _SECRET_LIKE.sub("…", _QUOTED.sub("'…'", line))
    return line if len(line) <= _READABLE else f"{line[:_READABLE]}…"


def _json_fault(raw: msgspec.Raw) -> Fault | None:
    fault = _lower(msgspec.json.decode(raw))
    if fault is None:
        return None
    listed = fault.get("error")
    errors = cast("Sequence[object]", listed) if isinstance(listed, list) else [listed]
    first = _lower(errors[0] if errors else None) or {}
    return _fault(
        code=_text(first, "code"),
        message=_text(first, "message"),
        detail=_text(first, "detail"),
        kind=_text(fault, "type"),
    )


def _oauth_fault(text: bytes) -> Fault:
    answer = _lower(msgspec.json.decode(text)) or {}
    return Fault(_text(answer, "error"), "", _text(answer, "error_description"), "OAUTH")


def _xml_fault(text: bytes) -> Fault | None:
    document = text.decode("utf-8", "replace")
    fault = _XML_FAULT.search(document)
    if fault is None:
        return None
    error = _XML_ERROR.search(document)
    attributes, inner = error.groups() if error else ("", "")
    return _fault(
        code=_attribute(attributes, "code"),
        message=_element(inner, "Message") or ("" if "<" in inner else inner),
        detail=_element(inner, "Detail"),
        kind=_attribute(fault.group(1), "type"),
    )


def _attribute(attributes: str, name: str) -> str:
    found = re.search(rf"\b{name}\s*=\s*[\"']([^\"']*)", attributes, re.IGNORECASE)
    return found.group(1) if found else ""


def _element(inner: str, tag: str) -> str:
    found = re.search(
        rf"<(?:\w+:)?{tag}\b[^>]*>(.*?)</(?:\w+:)?{tag}>", inner, re.IGNORECASE | re.DOTALL
    )
    return found.group(1) if found else ""


def _fault(*, code: str, message: str, detail: str, kind: str) -> Fault:
    in_message = _CODE_IN_MESSAGE.search(f"{message} {detail}")
    known = code.lstrip("0") or (in_message.group(1) if in_message else "")
    return Fault(known, message, detail, kind)


def _lower(value: object) -> Mapping[str, object] | None:
    if not isinstance(value, dict):
        return None
    return {str(name).lower(): item for name, item in cast("dict[object, object]", value).items()}


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return "" if value is None else str(value)
