"""What Intuit's webhooks say, in both of their formats, as one kind of notification."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

import msgspec

from qb_assets.catalog import ENTITIES

LATEST = timedelta(days=7)
"""Intuit repeats for days what was not taken; what seems to be later still has a wrong time."""

_LONGEST = 200
"""Characters that are kept of a text; Intuit's are shorter."""

# Intuit's list of entities calls the company's currencies so ("Webhooks", supported entities).
_OTHER_NAMES = {"currency": "CompanyCurrency"}
_NAMES: Mapping[str, str] = {name.casefold(): name for name in ENTITIES} | _OTHER_NAMES

_VERBS: Mapping[str, str] = {
    "create": "created",
    "update": "updated",
    "delete": "deleted",
    "merge": "merged",
    "void": "voided",
}
"""The words of the old format, as the new one says them; `emailed` is the same in both."""

_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")


class Notification(msgspec.Struct, frozen=True):
    """A change of one record, as a webhook told of it.

    `key` tells it from all others: a repeat has the same. `entity` is the catalog's name, else the
    one that Intuit gave; `realm` is empty where Intuit gave none. `deleted_id` is the record that
    a merge took away. `changed_at` is no later than it was received.
    """

    key: str
    realm: str
    entity: str
    id: str
    operation: str
    deleted_id: str
    changed_at: datetime
    received_at: datetime


_Told = dict[str, object]
"""What was told of one change. Whatever it lacks, it is kept: Intuit sends nothing more until it
has been taken (Intuit, "Webhooks: best practices")."""


class _Changes(msgspec.Struct):
    entities: list[_Told] = []


class _Legacy(msgspec.Struct):
    realm: object = msgspec.field(default="", name="realmId")
    changes: _Changes = msgspec.field(default_factory=_Changes, name="dataChangeEvent")


class _Envelope(msgspec.Struct):
    notifications: list[_Legacy] = msgspec.field(name="eventNotifications")


_decoder = msgspec.json.Decoder(list[_Told] | _Envelope)


def parse(body: bytes, received_at: datetime) -> list[Notification]:
    """The notifications of a POST, in their order; of several companies where Intuit sent so.

    Raises ValueError, which quotes nothing, for a body of neither format.
    """
    try:
        told: list[_Told] | _Envelope = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(
            "the body is neither of Intuit's formats, a list of CloudEvents or an object with"
            f" eventNotifications: {error}"
        ) from None
    if isinstance(told, _Envelope):
        return list(_of_envelope(told, received_at))
    return [_of_cloud_event(each, received_at) for each in told]


def _of_cloud_event(event: _Told, received_at: datetime) -> Notification:
    # The type is such as qbo.salesreceipt.updated.v1 (Intuit, "Webhooks: data objects").
    type, data = _text(event, "type"), event.get("data")
    parts = type.split(".")
    entity, operation = parts[1:3] if len(parts) >= 3 else (type, "")
    what = (_text(event, "intuitaccountid"), entity, _text(event, "intuitentityid"), operation)
    # An event and its repeats have the same source and id (CloudEvents 1.0).
    id = _text(event, "id")
    key = ["event", _text(event, "source"), id] if id else ["event", event]
    deleted = msgspec.convert(data, _Told).get("deletedid") if isinstance(data, dict) else ""
    return _notification(key, what, deleted, _text(event, "time"), received_at)


def _of_envelope(envelope: _Envelope, received_at: datetime) -> Iterator[Notification]:
    for company in envelope.notifications:
        realm = _text({"realm": company.realm}, "realm")
        for change in company.changes.entities:
            what = (realm, *(_text(change, name) for name in ("name", "id", "operation")))
            time, deleted = _text(change, "lastUpdated"), _text(change, "deletedId")
            key = ["change", *what, time, deleted]
            yield _notification(key, what, deleted, time, received_at)


def _notification(
    key: object, what: tuple[str, ...], deleted: object, time: str, received_at: datetime
) -> Notification:
    realm, entity, id, operation = (each[:_LONGEST] for each in what)
    changed_at = _moment(time) or received_at
    return Notification(
        key=hashlib.sha256(msgspec.json.encode(key)).hexdigest()[:32],
        realm=realm,
        entity=_NAMES.get(re.sub("[^a-z]", "", entity.casefold()), entity),
        id=id,
        operation=_VERBS.get(operation.casefold(), operation.casefold()),
        deleted_id=_text({"id": deleted}, "id")[:_LONGEST],
        changed_at=min(max(changed_at, received_at - LATEST), received_at),
        received_at=received_at,
    )


def _text(told: _Told, name: str) -> str:
    """A text or a number as a text; "" for anything else."""
    value = told.get(name)
    return str(value) if isinstance(value, str | int) else ""


def _moment(text: str) -> datetime | None:
    """A time as Intuit writes it (Z, -07:00 or -0700; up to nanoseconds), else None."""
    try:
        moment = msgspec.convert(_OFFSET.sub(r"\1:\2", text), type=datetime)
    except msgspec.ValidationError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc)
