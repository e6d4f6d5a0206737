"""Each morning the warehouse is what QuickBooks has, whatever happened in the night."""

from contextvars import copy_context
from pathlib import Path

import pytest

from qb_assets_tests.ten_days.story import Morning, story


@pytest.fixture(scope="module")
def mornings(tmp_path_factory: pytest.TempPathFactory) -> list[Morning]:
    """Four days: the daemon is off in two nights, and QuickBooks refuses all in the last one.

    In a context of its own, as the daemon's parts leave their instances in Dagster's variables.
    """
    return copy_context().run(_lived, tmp_path_factory.mktemp("days"))


def _lived(folder: Path) -> list[Morning]:
    with story(folder, ["Invoice", "Term"], days=4, invoices=20) as told:
        return list(told.live(4, off=(2, 3), outages=(4,), by_day=False))


def test_the_warehouse_is_right_each_morning(mornings: list[Morning]) -> None:
    assert [morning.wrong for morning in mornings] == [[], [], []]


def test_a_quiet_night_has_one_run(mornings: list[Morning]) -> None:
    assert mornings[0].told() == ["daily 1 day SUCCESS"]


def test_nights_without_a_daemon_are_made_up_for_in_one_run(mornings: list[Morning]) -> None:
    assert mornings[1].told() == ["catch_up 2 days SUCCESS"]


def test_a_night_of_refusals_is_tried_again_until_it_works(mornings: list[Morning]) -> None:
    assert mornings[2].told() == [
        "daily 1 day FAILURE",
        "catch_up 1 day FAILURE",
        "catch_up 1 day SUCCESS",
    ]
