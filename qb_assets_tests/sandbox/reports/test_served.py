"""Reports over HTTP: metered, logged, and refused where there is no ledger."""

from dataclasses import replace

from qb_assets.sandbox.process import start
from qb_assets_tests.sandbox.conftest import FREE, Client


def test_a_report_is_a_metered_call_and_is_logged() -> None:
    with start(seed=5, invoices=20, settings=replace(FREE, frozen=True)) as sandbox:
        client = Client(sandbox)
        answer = client.get("reports/TrialBalance", end_date="2026-03-01")
        assert answer.status_code == 200
        assert list(answer.json()) == ["Header", "Columns", "Rows"]
        assert client.get("reports/Nonsense").json()["Fault"]["Error"][0]["code"] == "500"
        stats = sandbox.admin("stats")
        assert stats["calls"]["report"] == 2
        assert stats["metered"] == 1
        assert stats["statements"][0] == {
            "kind": "report",
            "statement": "TrialBalance?end_date=2026-03-01",
            "rows": len(answer.json()["Rows"]["Row"]) - 1,
        }


def test_a_company_loaded_from_a_folder_has_no_reports(steady: Client) -> None:
    answer = steady.get("reports/TrialBalance")
    assert answer.status_code == 400
    [error] = answer.json()["Fault"]["Error"]
    assert error["code"] == "5020"
    assert "folder" in error["Detail"]
