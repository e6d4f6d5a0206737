"""A few seeds and kills of what `make storm` does by the dozen."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from qb_assets_tests.storm.fetches import storm, weather_of
from qb_assets_tests.storm.kills import kill_and_rerun
from qb_assets_tests.storm.tokens_found import tokens_in_folder

COMMON = 30
"""Of the faults in the table, at least so many come in fifty seeds."""


@pytest.mark.parametrize("seed", [2, 6])
def test_a_storm_ends_with_the_truth(seed: int) -> None:
    report = storm(seed, invoices=150)
    assert report.wrong == []
    assert report.struck.total() > 0
    assert report.truths + report.failures.total() >= 3


def test_fifty_seeds_have_every_fault() -> None:
    rates = [weather_of(seed) for seed in range(50)]
    assert len({name for each in rates for name in each}) >= COMMON
    assert all(0.05 <= rate <= 0.30 for each in rates for rate in each.values())
    assert all(sum(each.values()) <= 0.8 for each in rates)


def test_a_killed_run_is_made_good_by_the_next() -> None:
    outcome = kill_and_rerun(1, invoices=40, entities=["Customer"])
    assert outcome.wrong == []
    assert outcome.killed + outcome.too_late == 1


def test_a_token_is_found_wherever_it_is(tmp_path: Path) -> None:
    app, token = "AB" + "c" * 43, "AB" + "d" * 43
    (tmp_path / "log.txt").write_text(f"the app {app} says hello")
    assert list(tokens_in_folder(tmp_path, app)) == []
    (tmp_path / "log.txt").write_text(f"the app {app} has {token}")
    (tmp_path / "other.txt").write_text("Bearer ey" + "e" * 342)
    assert len(list(tokens_in_folder(tmp_path, app))) == 2
    pq.write_table(pa.table({"payload": [token]}), tmp_path / "rows.parquet")
    pq.write_table(
        pa.table({"n": [1]}).replace_schema_metadata({"by": token}), tmp_path / "said.parquet"
    )
    assert len(list(tokens_in_folder(tmp_path, app))) >= 4
