"""Paths and what is read back from them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qb_assets.lake import layout
from qb_assets.lake.store import Lake

DAY = date(2024, 2, 29)


def test_the_paths() -> None:
    place = "company=9341452/updated_on=2024-02-29"
    raw = layout.raw_object("credit_memo", "9341452", DAY, "20240229T1-ab")
    assert raw == f"raw/credit_memo/{place}/20240229T1-ab.parquet"
    assert layout.raw_prefix("credit_memo", "9341452", DAY) == f"raw/credit_memo/{place}"
    bad = layout.quarantine_object("credit_memo", "9341452", DAY, "x")
    assert bad == f"quarantine/credit_memo/{place}/x.parquet"
    data = layout.normalized_object("invoice_line", "9341452", DAY, "20260405T101500Z-1")
    assert data == f"normalized/invoice_line/{place}/20260405T101500Z-1.parquet"
    assert layout.parse(data) == layout.Location(
        "normalized", "invoice_line", "9341452", DAY, "20260405T101500Z-1"
    )


@given(
    st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True),
    st.dates(),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True),
)
def test_a_path_is_read_back(name: str, company: str, day: date, extract: str) -> None:
    for make in (layout.raw_object, layout.quarantine_object):
        path = make(name, company, day, extract)
        where = layout.parse(path)
        assert (where.name, where.company, where.day, where.object) == (name, company, day, extract)
        assert where.path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "raw/invoice/company=1/updated_on=2024-02-29",
        "raw/invoice/company=1/updated_on=2024-02-30/x.parquet",
        "raw/Invoice/company=1/updated_on=2024-02-29/x.parquet",
        "raw/invoice/company=1/updated_on=2024-02-29/x.parquet\n",
        "raw/invoice/company=1/updated_on=2024-02-29/a/x.parquet",
        "cooked/invoice/company=1/updated_on=2024-02-29/x.parquet",
    ],
)
def test_any_other_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"layout|day"):
        layout.parse(path)


@pytest.mark.parametrize(
    ("name", "company", "extract"),
    [
        ("Invoice", "1", "x"),
        ("a/b", "1", "x"),
        ("a", "../1", "x"),
        ("a", "", "x"),
        ("a", "1", "x/y"),
    ],
)
def test_a_name_that_would_lead_elsewhere_is_refused(name: str, company: str, extract: str) -> None:
    with pytest.raises(ValueError, match="cannot be the"):
        layout.raw_object(name, company, DAY, extract)


def test_many_days_with_one_listing(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = date(2024, 1, 1), date(2024, 1, 2), date(2024, 1, 3)
    for day, extract in ((first, "b"), (first, "a"), (third, "c")):
        lake.create(layout.raw_object("invoice", "1", day, extract), b"1")
    lake.create(layout.raw_object("invoice", "12", first, "z"), b"1")
    lake.create(layout.raw_object("invoice_line", "1", first, "z"), b"1")
    lake.create(layout.raw_prefix("invoice", "1", first) + "/notes.txt", b"1")
    listed: list[str] = []
    real = lake.list

    def watched(prefix: str = "") -> object:
        listed.append(prefix)
        return real(prefix)

    monkeypatch.setattr(lake, "list", watched)
    found = layout.objects_by_day(lake, "raw", "invoice", "1", [second, first])
    assert list(found) == [second, first]
    assert found[second] == []
    assert [layout.parse(each.path).object for each in found[first]] == ["a", "b"]
    assert listed == ["raw/invoice/company=1"]
    one = layout.objects_by_day(lake, "raw", "invoice", "1", [third])
    assert [each.path for each in one[third]] == [layout.raw_object("invoice", "1", third, "c")]
    assert listed[1:] == ["raw/invoice/company=1/updated_on=2024-01-03"]
    assert layout.objects_by_day(lake, "raw", "invoice", "1", []) == {}
