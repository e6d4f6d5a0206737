"""Whether the inbox of webhooks can be written, and whether runs come for what it holds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from qb_assets.automation.watch import WAITS_LONG
from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding
from qb_assets.quickbooks.webhooks.inbox import AskedRun, Waiting
from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox

WEBHOOKS = "webhooks"

USED = ("QB_WEBHOOK_VERIFIER", "QB_WEBHOOK_VERIFIER_FILE", "QB_WEBHOOK_INBOX")
"""Variables by which webhooks are meant to come."""


def check_webhooks(deployment: Deployment) -> Iterator[Finding]:
    """Opens the inbox for writing, where there is one or is to be one, and reads what waits."""
    inbox = open_inbox(inbox_place())
    if not inbox.begun() and not any(os.environ.get(name, "").strip() for name in USED):
        yield Finding(WEBHOOKS, "green", "No webhooks come, and none need to.")
        return
    waiting = inbox.waiting()  # to the exclusion of other writers, so that it may be written
    yield from unhandled(waiting, inbox.asked(), deployment.with_partitions, deployment.now)


def unhandled(
    waiting: Sequence[Waiting], asked: Sequence[AskedRun], companies: Collection[str], now: datetime
) -> Iterator[Finding]:
    """A finding for each company whose notifications are stored, and no run came of them."""
    old: Counter[str] = Counter()
    for each in waiting:
        if each.received_at <= now - WAITS_LONG:
            old[each.realm] += each.notifications
    for run in asked:
        if run.asked_at <= now - WAITS_LONG:
            old[run.realm] += sum(run.notifications.values())
    for realm, count in sorted(old.items()):
        known = realm in companies
        yield Finding(
            WEBHOOKS,
            "yellow",
            f"{count} webhook notifications are stored for more than an hour, and no run came of"
            " them.",
            "See what the sensor `webhooks` says in the Dagster UI; they are listed by:"
            " qb-assets webhooks list"
            if known
            else "Connect the company, or end its subscription at developer.intuit.com:"
            f" qb-assets connect --company {realm}",
            realm,
        )
    if not old:
        fresh = sum(each.notifications for each in waiting)
        yield Finding(WEBHOOKS, "green", f"The inbox can be written; {fresh} of it wait for a run.")
