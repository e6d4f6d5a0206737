"""What the tags of runs say: whose they are, what they cost, and of which process they are."""

from datetime import date
from uuid import uuid4

import dagster as dg
import msgspec
import pytest
from dagster._core.storage.tags import TagType, get_tag_type

from qb_assets.automation.killed_runs import PROCESS_TAG, bury_killed_runs, process_tag
from qb_assets.automation.report_jobs import month_tags
from qb_assets.automation.run_tags import company_of, range_tags
from qb_assets.faces import COMPANY_TAG
from qb_assets.quickbooks.usage import Figures
from qb_assets.raw.tags import FAILED, METERED, REQUESTS, afresh, charge, fetched_tag, requests_of

COMPANY, OTHER = "11", "12"
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 1)
START, END = "dagster/asset_partition_range_start", "dagster/asset_partition_range_end"
NO_PROCESS = 2**22 + 1
"""Beyond the highest number that Linux gives a process."""


@pytest.mark.parametrize(
    ("tags", "company"),
    [
        ({"dagster/partition": "11|2026-01-31"}, COMPANY),
        ({"dagster/partition": "11"}, COMPANY),
        ({START: "11|2026-01-01", END: "11|2026-03-01"}, COMPANY),
        ({START: "11|2026-01-01", END: "12|2026-03-01"}, None),
        (range_tags(COMPANY, FIRST, LAST), COMPANY),
        (month_tags(COMPANY, FIRST, LAST), COMPANY),
        ({}, None),
    ],
)
def test_the_partitions_of_a_run_say_whose_it_is(tags: dict[str, str], company: str | None) -> None:
    assert company_of(tags) == company


def test_the_ui_shows_company_and_cost_and_hides_what_is_ours() -> None:
    for shown in (COMPANY_TAG, METERED, REQUESTS, FAILED):
        assert get_tag_type(shown) == TagType.USER_PROVIDED
    for hidden in (PROCESS_TAG, fetched_tag(COMPANY)):
        assert get_tag_type(hidden) == TagType.HIDDEN


def test_costs_add_up_and_a_retry_begins_afresh() -> None:
    run = dg.DagsterRun("sync", run_id=str(uuid4()))
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_run(run)
        charge(instance, run.run_id, Figures(sent=4, metered=3, errors={"Fault": 1}), COMPANY)
        charge(instance, run.run_id, Figures(sent=2, metered=2))
        charge(instance, run.run_id, Figures())
        instance.add_run_tags(run.run_id, {fetched_tag(COMPANY): "yes"})
        kept = instance.get_run_by_id(run.run_id)
    assert kept is not None
    assert (kept.tags[COMPANY_TAG], kept.tags[METERED]) == (COMPANY, "5")
    assert requests_of(kept.tags) == (6, 1)
    begun = {**kept.tags, **afresh(kept.tags)}
    assert (begun[METERED], requests_of(begun)) == ("0", (0, 0))
    assert begun[fetched_tag(COMPANY)] == "no"
    assert afresh({COMPANY_TAG: COMPANY}) == {}


def test_a_retry_is_not_taken_for_the_killed_run_whose_tags_it_has() -> None:
    killed, retry = str(uuid4()), str(uuid4())
    tag = msgspec.json.decode(process_tag(killed)[PROCESS_TAG])
    tag["owner"][1] = NO_PROCESS
    tags = {PROCESS_TAG: msgspec.json.encode(tag).decode()}
    with dg.DagsterInstance.ephemeral() as instance:
        for run_id in (killed, retry):
            started = dg.DagsterRunStatus.STARTED
            instance.add_run(dg.DagsterRun("sync", run_id=run_id, tags=tags, status=started))
        assert bury_killed_runs(instance) == [killed]
