"""The weather's decisions: dice that a seed repeats, scripts, and what makes no sense."""

from collections import Counter
from typing import Any

import msgspec
import pytest

from qb_assets.sandbox.storms import STORMS
from qb_assets.sandbox.weather import Forecast, Step, Weather

CALLS = ["token", *["query", "cdc", "batch", "read"] * 500]


def faults(weather: Weather, calls: list[str] = CALLS) -> list[str]:
    forecast = Forecast(weather)
    return [strike.fault if (strike := forecast.next(kind)) else "" for kind in calls]


def test_a_seed_repeats_its_faults_and_another_has_others() -> None:
    weather = Weather(seed=7, rates={"503_html": 0.1, "reset": 0.05})
    assert faults(weather) == faults(weather)
    assert faults(weather) != faults(msgspec.structs.replace(weather, seed=8))
    shares = Counter(faults(weather))
    assert 0.07 < shares["503_html"] / len(CALLS) < 0.13
    assert 0.03 < shares["reset"] / len(CALLS) < 0.07
    assert set(shares) == {"", "503_html", "reset"}


def test_a_script_does_not_shift_the_dice() -> None:
    plain = Weather(seed=7, rates={"reset": 0.3})
    scripted = Weather(seed=7, rates={"reset": 0.3}, script=(Step("cdc", "400_10000", nth=3),))
    pairs = list(zip(faults(plain), faults(scripted), strict=True))
    assert [both for both in pairs if both[0] != both[1]] == [pairs[10]]
    assert pairs[10][1] == "400_10000"


def test_any_is_shared_by_every_common_fault_of_the_kind() -> None:
    shares = Weather(rates={"any": 0.5, "reset": 0.2}).shares("batch")
    common = {name for name, s in STORMS.items() if s.common and "batch" in s.kinds}
    assert set(shares) == common
    assert shares["reset"] == 0.2
    assert sum(shares.values()) == pytest.approx(0.7)
    assert set(Weather(rates={"any": 0.5}).shares("token")) == {
        *("500_gateway", "500_html", "503_gateway", "503_html", "slow", "reset")
    }


def test_only_some_kinds_and_never_a_page_for_people() -> None:
    weather = Weather(rates={"500_html": 1.0}, only=("cdc",))
    assert faults(weather, ["query", "cdc", "token", "other", "revoke"]) == [
        *("", "500_html", "", "", "")
    ]


def test_steps_count_the_calls_of_their_kind() -> None:
    script = (Step("query", "empty", nth=2, times=2), Step("cdc", "hang", times=None))
    kinds = ["query", "cdc", "query", "query", "cdc", "query"]
    assert faults(Weather(script=script), kinds) == ["", "hang", "empty", "empty", "hang", ""]


def test_the_report_is_a_script_that_repeats_it() -> None:
    forecast = Forecast(Weather(seed=3, rates={"any": 0.2}))
    seen = [forecast.next(kind) for kind in CALLS]
    report = forecast.report()
    assert report["calls"] == len(CALLS)
    assert sum(report["counts"].values()) == len(report["done"])
    script = [Step(done["kind"], done["fault"], done["nth"]) for done in report["done"]]
    again = Forecast(Weather(seed=3, script=tuple(script)))
    assert [again.next(kind) for kind in CALLS] == seen


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"rates": {"rain": 0.1}}, "no fault 'rain'"),
        ({"rates": {"reset": 0.6, "empty": 0.5}}, "the rates of batch are not between 0 and 1"),
        ({"rates": {"reset": -0.1}}, "not between 0 and 1"),
        ({"rates": {"batch_item_500": 0.1}, "only": ["cdc"]}, "batch_item_500 cannot befall cdc"),
        ({"only": ["webhook"]}, "no calls of the kind 'webhook'"),
        ({"script": [{"on": "query", "fault": "reset_after_grant"}]}, "cannot befall query"),
        ({"script": [{"on": "query", "fault": "hang", "time": 1}]}, "unknown field"),
    ],
)
def test_what_makes_no_sense_is_said(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=says):
        msgspec.convert(asked, Weather)
