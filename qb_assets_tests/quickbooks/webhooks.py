"""Webhooks as Intuit sends them, and a server that receives them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import re
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any
from uuid import UUID

import msgspec
import requests

from qb_assets.quickbooks.webhooks.notification import Notification, parse
from qb_assets.sandbox.environ import without_secrets

VERIFIER = "SECRETverifier-0b1f"
REALM = "9130355000000001"
NOW = datetime(2026, 6, 2, 17, 0, tzinfo=timezone.utc)


def event(number: int, entity: str = "invoice", *, realm: str = REALM, **changes: Any) -> Any:
    """A CloudEvent, the same for the same number."""
    return {
        "specversion": "1.0",
        "id": str(UUID(int=number)),
        "source": "intuit.dsnBgbseACLLRZNxo2dfc4evmEJdxde58xeeYcZliOU=",
        "type": f"qbo.{entity}.updated.v1",
        "datacontenttype": "application/json",
        "time": "2026-06-02T16:58:25.179851517Z",
        "intuitentityid": str(number),
        "intuitaccountid": realm,
        "data": {},
        **changes,
    }


def legacy(*entities: Mapping[str, str], realm: str = REALM) -> Any:
    """What the old format says of one company."""
    return {"realmId": realm, "dataChangeEvent": {"entities": list(entities)}}


def change(number: int, name: str = "Invoice", **changes: str) -> dict[str, str]:
    """A change in the old format."""
    stamp = "2026-06-02T09:58:00-0700"
    what = {"id": str(number), "operation": "Update", "name": name, "lastUpdated": stamp}
    return {**what, **changes}


def body_of(*events: Any) -> bytes:
    """The body of a POST: CloudEvents, or companies in the old format."""
    if events and "realmId" in events[0]:
        return msgspec.json.encode({"eventNotifications": events})
    return msgspec.json.encode(events)


def notes(*events: Any, at: datetime = NOW) -> list[Notification]:
    """The notifications of such a body."""
    return parse(body_of(*events), at)


def signed(body: bytes, verifier: str = VERIFIER) -> dict[str, str]:
    """The headers that Intuit sends with a body."""
    made = hmac.new(verifier.encode(), body, hashlib.sha256).digest()
    return {"intuit-signature": base64.b64encode(made).decode()}


def post(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> requests.Response:
    """Posts a body, signed unless other headers are given."""
    sent = signed(body) if headers is None else headers
    return requests.post(url, data=body, headers=sent, timeout=10)


@contextmanager
def server(
    inbox: str, *, port: int = 0, verifier: str = VERIFIER, words: Sequence[str] = ()
) -> Generator[tuple[str, subprocess.Popen[str]], None, None]:
    """`qb-assets webhooks serve` in a process of its own: its address, and the process."""
    env = {**without_secrets(), "QB_WEBHOOK_INBOX": inbox, "QB_WEBHOOK_VERIFIER": verifier}
    command = [sys.executable, "-c", "from qb_assets.cli_webhooks import app; app()"]
    process = subprocess.Popen(
        [*command, "serve", "--port", str(port), *words],
        env={**env, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found.group(), process
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
