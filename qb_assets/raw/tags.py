"""What runs say of their calls in their tags, by which the UI lists and filters runs."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager

import dagster as dg
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX

from qb_assets.faces import COMPANY_TAG
from qb_assets.quickbooks.usage import Figures, Usage

METERED = "quickbooks/metered_calls"
REQUESTS = "quickbooks/requests"
FAILED = "quickbooks/failed_requests"
YES, NO = "yes", "no"
_FETCHED = f"{HIDDEN_TAG_PREFIX}qb_assets/fetched/"


def fetched_tag(company: str) -> str:
    """The tag, with the value `yes`, of runs that have fetched a company's books to the end.

    The UI does not show it.
    """
    return f"{_FETCHED}{company}"


def afresh(tags: Mapping[str, str]) -> dict[str, str]:
    """What the tags of a run that begins must say: a retry has those of the run before it."""
    costs = {name: "0" for name in (METERED, REQUESTS, FAILED) if name in tags}
    return {**costs, **{name: NO for name in tags if name.startswith(_FETCHED)}}


def charge(
    instance: dg.DagsterInstance, run_id: str, spent: Figures, company: str | None = None
) -> None:
    """Adds to the tags of a run what calls came to: metered ones, requests and those that failed.

    Args:
        instance: where the run is.
        run_id: the run.
        spent: since the last charge.
        company: whose books the run fetches, which is a tag, too.
    """
    tags = {COMPANY_TAG: company} if company else {}
    if spent.sent or company:
        run = instance.get_run_by_id(run_id)
        held = run.tags if run else {}
        added = {METERED: spent.metered, REQUESTS: spent.sent, FAILED: sum(spent.errors.values())}
        tags |= {name: str(int(held.get(name, 0)) + number) for name, number in added.items()}
        instance.add_run_tags(run_id, tags)


@contextmanager
def charged(context: dg.AssetCheckExecutionContext, usage: Usage) -> Generator[None]:
    """Charges the run of checks with what is sent meanwhile, however that ends."""
    before = usage.snapshot()
    try:
        yield
    finally:
        spent = (usage.snapshot() - before).total
        charge(context.instance, context.run.run_id, spent)


def requests_of(tags: Mapping[str, str]) -> tuple[int, int]:
    """The requests of a run and how many of them failed, from its tags."""
    return int(tags.get(REQUESTS, 0)), int(tags.get(FAILED, 0))
