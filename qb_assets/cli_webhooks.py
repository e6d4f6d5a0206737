"""The commands `qb-assets webhooks …`: Intuit's notifications are received and become runs."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from qb_assets.catalog import ENTITIES
from qb_assets.terminal import console

if TYPE_CHECKING:
    from qb_assets.quickbooks.webhooks.inbox import Inbox

app = typer.Typer(
    help="Intuit's notifications of changes: received, kept, and turned into runs.",
    no_args_is_help=True,
)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8780,
) -> None:
    """Receive Intuit's webhooks on /webhooks; GET /health says whether they can be kept.

    QB_WEBHOOK_VERIFIER (or the file in QB_WEBHOOK_VERIFIER_FILE) is the app's verifier token.
    Notifications are kept in QB_WEBHOOK_INBOX before they are answered. Put a proxy with TLS
    before it. The sensor `webhooks` of the Dagster daemon turns them into runs.

    Example: qb-assets webhooks serve --port 8780
    """
    from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox
    from qb_assets.quickbooks.webhooks.server import serve as run
    from qb_assets.quickbooks.webhooks.signature import verifiers_from_environment

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    verifiers = verifiers_from_environment()
    run(
        open_inbox(inbox_place()),
        verifiers,
        host=host,
        port=port,
        announce=lambda address: typer.echo(f"Listening on {address}"),
    )


@app.command("list")
def list_() -> None:
    """List the notifications that no run has been started for, by company and entity; no values.

    Example: qb-assets webhooks list
    """
    from qb_assets.automation.home import open_instance
    from qb_assets.quickbooks.webhooks.places import inbox_place, open_inbox
    from qb_assets.scope import connected

    inbox = open_inbox(inbox_place())
    if not inbox.begun():
        typer.echo("No webhook was received yet. Receive them with: qb-assets webhooks serve")
        return
    with open_instance() as instance:
        table = pending_table(inbox, connected(instance))
    if not table.row_count:
        typer.echo("Every notification has had its run.")
        return
    console().print(table)


def pending_table(inbox: Inbox, companies: Collection[str]) -> Table:
    """What is pending, a row for each company, entity and state; `companies` are the connected."""
    table = Table(title="Notifications without a run", title_justify="left")
    for name in ("Company", "Entity", "State", "First change (UTC)"):
        table.add_column(name, overflow="fold")
    table.add_column("Notifications", justify="right")
    groups: dict[tuple[str, str], list[tuple[datetime, int]]] = {}
    for each in inbox.waiting():
        group = groups.setdefault((each.realm, each.entity), [])
        group.append((each.changed_at, each.notifications))
    for (realm, entity), found in groups.items():
        state = "waits" if entity in ENTITIES else "no asset"
        state = state if realm in companies else "not connected"
        first, count = min(found)[0], sum(count for _, count in found)
        table.add_row(_name(realm), escape(entity), state, f"{first:%Y-%m-%d %H:%M}", f"{count:,}")
    for run in inbox.asked():
        for entity, count in run.notifications.items():
            table.add_row(_name(run.realm), escape(entity), "run asked for", "", f"{count:,}")
    return table


def _name(realm: str) -> str:
    return escape(realm) or "none given"
