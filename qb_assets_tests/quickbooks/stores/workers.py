"""What other processes do to a store while a test looks on."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event

from qb_assets.quickbooks.stores import token_store_from_url
from qb_assets.quickbooks.tokens import Recipe, Reopenable, TokenStore
from qb_assets_tests.quickbooks.conftest import REALM


def processes() -> ForkServerContext:
    """Processes that have imported the stores already: Secrets Manager's takes seconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "qb_assets.quickbooks.stores.postgres",
            "qb_assets.quickbooks.stores.secrets_manager",
            __name__,
        ]
    )
    return context


def recipe_of(store: TokenStore) -> tuple[Recipe, Mapping[str, str]]:
    """What another process needs to open the store."""
    assert isinstance(store, Reopenable)
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return store.recipe(), aws


def opened_elsewhere(recipe: Recipe, environ: Mapping[str, str]) -> TokenStore:
    """The same store, in this process."""
    os.environ.update(environ)
    return token_store_from_url(recipe.url, {"QB_TOKEN_KEY": recipe.key or ""})


def count_up(recipe: Recipe, environ: Mapping[str, str], times: int) -> None:
    """Counts in the company's name, under its lock."""
    store = opened_elsewhere(recipe, environ)
    for _ in range(times):
        with store.lock(REALM):
            held = store.load(REALM)
            counted = replace(held, name=str(int(held.name or "0") + 1))
            store.save(counted, replaces=held.token)


def hold(recipe: Recipe, environ: Mapping[str, str], held: Event) -> None:
    """Holds the lock until it is killed."""
    with opened_elsewhere(recipe, environ).lock(REALM):
        held.set()
        time.sleep(60)
