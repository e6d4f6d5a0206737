"""Webhooks: how a write to the books is told, in both of Intuit's formats."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import timezone
from typing import Literal
from uuid import UUID

import msgspec

from .dice import Dice
from .writes import Write

SIGNATURE = "intuit-signature"

_VERBS = {
    "created": "Create",
    "updated": "Update",
    "deleted": "Delete",
    "merged": "Merge",
    "voided": "Void",
}
_NAMES = {"CompanyCurrency": "Currency"}

# Not in Intuit's list of the entities that notifications can be had of ("Webhooks").
_NOT_TOLD_OF = frozenset(
    [
        "Attachable",
        "CompanyInfo",
        "CreditCardPayment",
        "CustomerType",
        "ExchangeRate",
        "InventoryAdjustment",
        "RecurringTransaction",
        "ReimburseCharge",
        "TaxCode",
        "TaxRate",
    ]
)


class Hook(msgspec.Struct, forbid_unknown_fields=True):
    """Where the app wants notifications, and the trouble on the way; no `url` is no webhooks.

    A notification is sent up to `delay` seconds after its write, by chance, so that they come in
    another order; `disorder` shuffles those of one POST, which are at most `per_post`. With the
    chance `repeats` one is sent a second time. `seed` decides all that.
    """

    url: str = ""
    verifier: str = ""
    format: Literal["cloudevents", "legacy"] = "cloudevents"
    repeats: float = 0.0
    disorder: bool = False
    delay: float = 0.0
    per_post: int = 50
    seed: int = 0

    def __post_init__(self) -> None:
        if self.url and not (self.url.startswith(("http://", "https://")) and self.verifier):
            raise ValueError("webhooks need a url that begins with http:// or https://, a verifier")
        if self.per_post < 1 or self.delay < 0:
            raise ValueError("per_post is 1 or more, delay 0 or more")


def is_told_of(entity: str) -> bool:
    """Whether Intuit sends notifications of the entity."""
    return entity not in _NOT_TOLD_OF


def event_of(write: Write, hook: Hook, realm: str, dice: Dice) -> bytes:
    """A notification as JSON, in the hook's format."""
    name = _NAMES.get(write.entity, write.entity)
    stamp = write.at.astimezone(timezone.utc).replace(tzinfo=None)
    if hook.format == "legacy":
        change = {
            "id": write.id,
            "operation": _VERBS[write.operation],
            "name": name,
            "lastUpdated": f"{stamp.isoformat(timespec='milliseconds')}Z",
        }
        return msgspec.json.encode(change | ({"deletedId": write.deleted} if write.deleted else {}))
    verb = "void" if write.operation == "voided" else write.operation
    event = {
        "specversion": "1.0",
        "id": f"{UUID(int=dice.getrandbits(128), version=4)}-{name}-{write.id}",
        "source": "intuit.c2FuZGJveA==",
        "type": f"qbo.{name.lower()}.{verb}.v1",
        "datacontenttype": "application/json",
        "time": f"{stamp.isoformat(timespec='microseconds')}000Z",
        "intuitentityid": write.id,
        "intuitaccountid": realm,
    }
    return msgspec.json.encode(
        event | ({"data": {"deletedid": write.deleted}} if write.deleted else {})
    )


def body_of(events: Sequence[bytes], hook: Hook, realm: str) -> bytes:
    """The body of a POST of these events."""
    every = b",".join(events)
    if hook.format == "legacy":
        told = b'{"realmId":"%b","dataChangeEvent":{"entities":[%b]}}' % (realm.encode(), every)
        return b'{"eventNotifications":[%b]}' % told
    return b"[%b]" % every


def signature_of(body: bytes, verifier: str) -> str:
    """The value of the header `intuit-signature`."""
    made = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return base64.b64encode(made).decode()
