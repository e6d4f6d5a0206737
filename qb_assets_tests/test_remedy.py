"""A red check names the days to materialize again, and the commands that do it."""

from datetime import date, timedelta

from qb_assets.catalog import ENTITIES
from qb_assets.faces import raw_key
from qb_assets.remedy import MOST_SPANS, Remedy

BILL = raw_key(ENTITIES["Bill"])
FIRST = date(2026, 1, 1)
TODAY = date(2026, 6, 1)


def days(*after: int) -> set[date]:
    return {FIRST + timedelta(days=each) for each in after}


def commands(remedy: Remedy) -> list[str]:
    shown = remedy.shown(BILL, TODAY).value or ""
    return shown.partition("```sh\n")[2].removesuffix("\n```").split("\n")


def test_neighbouring_days_are_one_command() -> None:
    remedy = Remedy()
    assert not remedy
    remedy.days["11"] |= days(0, 1, 2, 9)
    remedy.days["12"] |= days(5)
    assert remedy.said() == (
        "Materialize the days 2026-01-01, 2026-01-02, 2026-01-03 and 2 more again."
    )
    materialize = "qb-assets materialize --company"
    assert commands(remedy) == [
        f"{materialize} 11 --from 2026-01-01 --to 2026-01-03 --select raw/bill+",
        f"{materialize} 11 --from 2026-01-10 --to 2026-01-10 --select raw/bill+",
        f"{materialize} 12 --from 2026-01-06 --to 2026-01-06 --select raw/bill+",
    ]


def test_what_is_gone_in_quickbooks_needs_a_sweep() -> None:
    remedy = Remedy(swept={"11"})
    assert remedy.said() == "Materialize today again with a sweep of all Ids."
    [command] = commands(remedy)
    assert command.endswith("--from 2026-06-01 --to 2026-06-01 --select raw/bill+ --sweep")


def test_a_long_list_is_cut() -> None:
    remedy = Remedy()
    remedy.days["11"] |= days(*range(0, 60, 2))
    shown = commands(remedy)
    assert len(shown) == MOST_SPANS + 1
    assert "20 more" in shown[-1]
