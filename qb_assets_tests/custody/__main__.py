"""Proves that a connection survives its users.

    python -m qb_assets_tests.custody
    python -m qb_assets_tests.custody --rounds 50 --store postgres

Processes need a fresh token at the same moment, round after round, from a sandbox that changes the
refresh token at every use and ends the connection when an old one is used; then the same with one
of them killed at a random moment of every round. Ends with 1 where anything was lost.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from cryptography.fernet import Fernet

from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import token_store_from_url
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.custody.rounds import Crowd
from qb_assets_tests.postgres import shared_postgres
from qb_assets_tests.secrets_manager import ENVIRONMENT, shared_secrets_manager


def _secrets_manager(_folder: Path) -> str:
    os.environ.update(ENVIRONMENT)
    return f"aws-sm://custody?endpoint={shared_secrets_manager()}"


STORES: dict[str, Callable[[Path], str]] = {
    "file": lambda folder: str(folder / "tokens"),
    "postgres": lambda _: shared_postgres().database(),
    "secrets_manager": _secrets_manager,
}


def main(
    rounds: Annotated[int, typer.Option(help="Rounds without and with kills.")] = 200,
    processes: Annotated[int, typer.Option(help="Processes that need the token.")] = 8,
    store: Annotated[str, typer.Option(help="file, postgres or secrets_manager.")] = "file",
    seed: Annotated[int, typer.Option(help="Seed of who is killed, and when.")] = 1,
) -> None:
    """Run the rounds and print what came of them."""
    revoking = SandboxSettings(rotate_every=0, revoke_on_reuse=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        start(seed=5, invoices=1, settings=revoking) as box,
    ):
        settings = Settings.from_environment(box.env)
        key = Fernet.generate_key().decode()
        tokens = token_store_from_url(STORES[store](Path(folder)), {"QB_TOKEN_KEY": key})
        connect_with_refresh_token(settings, tokens, box.realm_id, box.env["QB_REFRESH_TOKEN"])
        clean = True
        with Crowd(box, settings, tokens, processes) as crowd:
            for kill_seed in (None, seed):
                started = time.monotonic()
                figures = crowd.run(rounds, kill_seed=kill_seed)
                clean = clean and figures.clean
                print(f"{store}, {processes} processes, {figures}", flush=True)
                print(f"  {time.monotonic() - started:.0f} s in all", flush=True)
                for error in figures.errors[:5]:
                    print(f"  {error}", flush=True)
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    typer.run(main)
