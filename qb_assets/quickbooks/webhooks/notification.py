"""What Intuit's webhooks say, in both of their formats, as one kind of notification."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone

import msgspec

from qb_assets.catalog import ENTITIES

LATEST = timedelta(days=1)
"""Intuit repeats a notification for hours; one that seems to be later has a wrong time."""

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


class _Data(msgspec.Struct):
    deleted: str | int = msgspec.field(default="", name="deletedid")


class _CloudEvent(msgspec.Struct):
    id: str = ""
    source: str = ""
    type: str = ""
    time: str = ""
    entity_id: str | int = msgspec.field(default="", name="intuitentityid")
    account_id: str | int = msgspec.field(default="", name="intuitaccountid")
    data: _Data | None = None


class _Change(msgspec.Struct):
    id: str | int = ""
    name: str = ""
    operation: str = ""
    last_updated: str = msgspec.field(default="", name="lastUpdated")
    deleted: str | int | None = msgspec.field(default=None, name="deletedId")


class _Changes(msgspec.Struct):
    entities: list[_Change] = []


class _Legacy(msgspec.Struct):
    realm: str | int = msgspec.field(default="", name="realmId")
    changes: _Changes = msgspec.field(default_factory=_Changes, name="dataChangeEvent")


class _Envelope(msgspec.Struct):
    notifications: list[_Legacy] = msgspec.field(name="eventNotifications")


_decoder = msgspec.json.Decoder(list[_CloudEvent] | _Envelope)


def parse(body: bytes, received_at: datetime) -> list[Notification]:
    """The notifications of a POST, in their order; of several companies where Intuit sent so.

    Raises ValueError, which quotes nothing, for a body of neither format.
    """
    try:
        told: list[_CloudEvent] | _Envelope = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(
            "the body is neither of Intuit's formats, a list of CloudEvents or an object with"
            f" eventNotifications: {error}"
        ) from None
    if isinstance(told, _Envelope):
        return list(_of_envelope(told, received_at))
    return [_of_cloud_event(each, received_at) for each in told]


def _of_cloud_event(event: _CloudEvent, received_at: datetime) -> Notification:
    # The type is such as qbo.salesreceipt.updated.v1 (Intuit, "Webhooks: data objects").
    parts = event.type.split(".")
    entity, operation = parts[1:3] if len(parts) >= 3 else (event.type, "")
    whole = (event.account_id, event.entity_id, event.type, event.time)
    return _notification(
        # An event and its repeats have the same source and id (CloudEvents 1.0).
        _key("event", event.source, event.id) if event.id else _key("event", "", *whole),
        (event.account_id, entity, event.entity_id, operation),
        event.data.deleted if event.data else "",
        event.time,
        received_at,
    )


def _of_envelope(envelope: _Envelope, received_at: datetime) -> Iterator[Notification]:
    for company in envelope.notifications:
        for change in company.changes.entities:
            what = (company.realm, change.name, change.id, change.operation)
            deleted = change.deleted or ""
            yield _notification(
                _key("change", *what, change.last_updated, deleted),
                what,
                deleted,
                change.last_updated,
                received_at,
            )


def _notification(
    key: str,
    what: tuple[object, object, object, object],
    deleted: object,
    time: str,
    received_at: datetime,
) -> Notification:
    realm, entity, id, operation = (str(each)[:_LONGEST] for each in what)
    changed_at = _moment(time) or received_at
    return Notification(
        key=key,
        realm=realm,
        entity=_NAMES.get(re.sub("[^a-z]", "", entity.casefold()), entity),
        id=id,
        operation=_VERBS.get(operation.casefold(), operation.casefold()),
        deleted_id=str(deleted)[:_LONGEST],
        changed_at=min(max(changed_at, received_at - LATEST), received_at),
        received_at=received_at,
    )


def _key(*parts: object) -> str:
    """A name of a fixed length, which differs where any part does."""
    return hashlib.sha256(msgspec.json.encode([str(part) for part in parts])).hexdigest()[:32]


def _moment(text: str) -> datetime | None:
    """A time as Intuit writes it (Z, -07:00 or -0700; up to nanoseconds), else None."""
    try:
        moment = msgspec.convert(_OFFSET.sub(r"\1:\2", text), type=datetime)
    except msgspec.ValidationError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or timezone.utc)
