"""Queries over HTTP: the grammar, the answers' shape, and what QuickBooks hides."""

import json
from pathlib import Path

import msgspec
import pytest
import requests

from .conftest import INVOICES, Client

UPDATED = "MetaData.LastUpdatedTime"


def test_an_answer_has_the_documented_shape(steady: Client) -> None:
    answer = steady.ask("SELECT * FROM Invoice MAXRESULTS 2")
    body = answer.json()
    assert set(body) == {"QueryResponse", "time"}
    assert set(body["QueryResponse"]) == {"Invoice", "startPosition", "maxResults"}
    assert body["QueryResponse"]["startPosition"] == 1
    assert body["QueryResponse"]["maxResults"] == 2
    assert body["time"] == body["time"][:19] + body["time"][19:23] + "-07:00"
    assert body["time"].startswith("2026-03-15T13:00:")
    assert answer.headers["intuit_tid"]


def test_rows_are_the_exact_bytes_of_the_file(steady: Client, company_dir: Path) -> None:
    text = (company_dir / "Invoice.json").read_bytes()
    recorded = [bytes(raw) for raw in msgspec.json.decode(text, type=list[msgspec.Raw])]
    served = steady.ask(f"SELECT * FROM Invoice ORDERBY {UPDATED} MAXRESULTS 1000").content
    outer = msgspec.json.decode(served, type=dict[str, msgspec.Raw])
    inner = msgspec.json.decode(outer["QueryResponse"], type=dict[str, msgspec.Raw])
    rows = [bytes(raw) for raw in msgspec.json.decode(inner["Invoice"], type=list[msgspec.Raw])]
    assert rows == recorded[:1000]


def test_default_and_greatest_page(steady: Client) -> None:
    assert len(steady.rows("select * from Invoice")) == 100
    assert len(steady.rows("select * from Invoice maxresults 1000")) == 1000
    error = steady.error("select * from Invoice maxresults 1001")
    assert error["code"] == "4001"
    assert "value 1001 is too large. Max allowed value is 1000" in error["Detail"]


def test_pages_by_position_cover_everything_once(steady: Client) -> None:
    ids: list[str] = []
    for start in range(1, INVOICES + 1, 1000):
        statement = f"SELECT Id FROM Invoice ORDERBY {UPDATED} STARTPOSITION {start}"
        ids += steady.ids(f"{statement} MAXRESULTS 1000")
    assert sorted(ids, key=int) == [str(i + 1) for i in range(INVOICES)]


def test_past_the_end_and_empty_answers_have_no_rows(steady: Client) -> None:
    assert steady.response("select * from Invoice startposition 9999") == {}
    assert steady.response("select * from Transfer where TxnDate > '2020-01-01'") == {}
    assert steady.count("select count(*) from Transfer") == 0


def test_startposition_0_is_1(steady: Client) -> None:
    zero = steady.response("select Id from Invoice startposition 0 maxresults 3")
    assert zero == steady.response("select Id from Invoice startposition 1 maxresults 3")


def test_windows_compare_instants_not_text(steady: Client) -> None:
    # 2026-01-01T00:00:00 in Los Angeles is 08:00Z, when the first four invoices were made.
    for bound in ("2026-01-01T08:10:00Z", "2026-01-01T13:40:00+05:30", "2026-01-01T00:10:00"):
        assert steady.ids(f"select Id from Invoice where {UPDATED} < '{bound}'") != []
        assert steady.count(f"select count(*) from Invoice where {UPDATED} < '{bound}'") == 4
        window = f"{UPDATED} <= '{bound}' and {UPDATED} > '2026-01-01'"
        assert steady.count(f"select count(*) from Invoice where {window}") == 4
    day = f"{UPDATED} >= '2026-01-02' and {UPDATED} < '2026-01-03'"
    assert steady.count(f"select count(*) from Invoice where {day}") == 144 * 4


def test_a_record_without_a_time_is_earlier_than_all(steady: Client) -> None:
    assert steady.ids(f"select * from SalesReceipt where {UPDATED} < '1990-01-01'") == ["17"]
    assert steady.ids(f"select * from SalesReceipt where {UPDATED} >= '1990-01-01'") == ["11"]
    assert steady.ids(f"select * from SalesReceipt orderby {UPDATED}") == ["17", "11"]
    assert steady.ids(f"select * from SalesReceipt orderby {UPDATED} desc") == ["11", "17"]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Id = '7'", ["7"]),
        ("Id in ('3', '10', '4')", ["3", "4", "10"]),
        ("Id > '2298'", ["2299", "2300"]),
        ("DocNumber like '100%'", [str(i) for i in range(1, 11)]),
        ("DocNumber LIKE '%99' and DocNumber like '10%'", ["100"]),
        ("TotalAmt >= '2297.5' and Id != '2299'", ["2298", "2300"]),
        ("TotalAmt = 3.50", ["4"]),
        ("CustomerRef = '3' and Id <= '6'", ["3", "6"]),
        ("TxnDate = '2026-01-28' and Id < '60'", ["28", "56"]),
        ("TxnDate > '2026-01-27T12:00:00' and Id < '30'", ["28"]),
    ],
)
def test_conditions(steady: Client, where: str, found: list[str]) -> None:
    assert steady.ids(f"select Id from Invoice where {where} orderby Id") == found
    assert steady.count(f"select count(*) from Invoice where {where}") == len(found)


def test_several_sort_keys(steady: Client) -> None:
    rows = steady.rows(
        "select Id, Balance, TotalAmt from Invoice where Id <= '12' "
        "order by Balance desc, TotalAmt asc, Id"
    )
    keys = [(-row["Balance"], row["TotalAmt"]) for row in rows]
    assert len(rows) == 12
    assert keys == sorted(keys)


def test_names_and_keywords_in_any_case(steady: Client) -> None:
    rows = steady.rows("Select id, METADATA.lastupdatedtime From INVOICE Where ID = '1'")
    assert rows == [{"Id": "1", "MetaData": {"LastUpdatedTime": "2026-01-01T00:00:00-08:00"}}]


def test_projections_keep_literals(steady: Client) -> None:
    text = steady.ask("select TotalAmt, UnitRate from Invoice where Id = '8'").text
    assert '[{"TotalAmt":7.50,"UnitRate":0.1234567000}]' in text


def test_quotes_are_escaped_with_a_backslash(steady: Client) -> None:
    assert steady.ids(r"select * from Customer where DisplayName = 'Amy\'s Bird Sanctuary'") == [
        "1"
    ]
    assert steady.ids(r"select * from Customer where DisplayName like '%100\% \\ S%'") == ["2"]
    error = steady.error("select * from Customer where DisplayName = 'Amy''s Bird Sanctuary'")
    assert error["code"] == "4000"


def test_inactive_rows_come_only_when_asked_for(steady: Client) -> None:
    assert steady.ids("select * from Customer") == ["1", "2"]
    assert steady.count("select count(*) from Customer") == 2
    both = steady.rows("select * from Customer where Active in (true, false) orderby Id")
    assert [row["DisplayName"] for row in both][2] == "Old Friend (deleted)"
    assert steady.ids("select * from Customer where Active = false") == ["3"]
    assert steady.ids("select * from Customer where Active = true orderby Id") == ["1", "2"]
    window = f"Active IN (true,false) and {UPDATED} >= '2026-01-01'"
    assert steady.count(f"select count(*) from Customer where {window}") == 3


def test_rows_by_their_ids(steady: Client) -> None:
    assert steady.ids("select * from Customer where Id in ('2', '77', '1', '2') orderby Id") == [
        "1",
        "2",
    ]
    assert steady.ids("select * from Customer where Id in ('1', '3')") == ["1"]
    both = "Active in (true, false)"
    assert steady.ids(f"select * from Customer where {both} and Id in ('1', '3')") == ["1", "3"]
    assert steady.ids("select * from Customer where Id = '2' and Id in ('1', '3')") == []
    assert steady.count(f"select count(*) from Customer where {both} and Id in ('1', '3')") == 2


def test_sku_only_when_selected(steady: Client) -> None:
    assert "Sku" not in steady.rows("select * from Item")[0]
    row = steady.rows("select *, Sku from Item")[0]
    assert row["Sku"] == "R-1"
    assert '"UnitPrice": 1.10' in steady.ask("select *, Sku from Item").text
    assert '"UnitPrice":1.10' in steady.ask("select * from Item").text


def test_entities_that_are_answered_in_their_own_way(steady: Client) -> None:
    assert "CreditCardPaymentTxn" in steady.response("select * from CreditCardPayment")
    template = steady.rows("select * from RecurringTransaction where Id = '8'")[0]
    assert template["Bill"]["RecurringInfo"] == {"Active": True}
    rates = steady.rows("select * from ExchangeRate orderby SourceCurrencyCode desc")
    assert [rate["Rate"] for rate in rates] == [80, 1.1]
    assert steady.rows("select * from CompanyInfo")[0]["CompanyName"] == "Sandbox Company"


@pytest.mark.parametrize(
    ("statement", "code", "says"),
    [
        ("", "4000", "The query provided was empty"),
        ("selct * from Invoice", "4000", '"selct "'),
        ("select * from Invoice where Id = '1' or Id = '2'", "4000", '"or "'),
        ("select * from Invoice where TxnDate > 2026-01-01", "4000", "at line 1, column 43"),
        ("select * from Invoice where Id = 'open", "4000", "Lexical error"),
        ("select * from Invoice maxresults ten", "4000", "<INTEGER>"),
        ("select count(Id) from Invoice", "4000", '"*"'),
        ("select * from Invoices", "4001", "Invoices"),
        ("select Wrong from Invoice", "4001", "Property Wrong not found for Entity Invoice"),
        ("select * from Invoice where TxnDate = 'May'", "4001", "TxnDate"),
        (f"select * from Invoice where {UPDATED} > '2026-01-01 00:00'", "4001", UPDATED),
    ],
)
def test_bad_statements(steady: Client, statement: str, code: str, says: str) -> None:
    error = steady.error(statement)
    assert error["code"] == code
    assert says in error["Detail"]


def test_post_takes_the_statement_as_text(steady: Client) -> None:
    url = f"{steady.root}/query"
    text = {"Content-Type": "application/text"}
    posted = steady.session.post(url, "select count(*) from Invoice", headers=text, timeout=10)
    assert posted.json()["QueryResponse"] == {"totalCount": INVOICES}
    other = {"Content-Type": "application/json"}
    assert steady.session.post(url, "{}", headers=other, timeout=10).status_code == 400


def test_read_by_id(steady: Client) -> None:
    assert steady.get("invoice/9").json()["Invoice"]["Id"] == "9"
    assert steady.get("creditcardpayment/5").json()["CreditCardPaymentTxn"]["Amount"] == 10
    assert steady.get("customer/3").json()["Customer"]["Active"] is False
    missing = steady.get("invoice/99999")
    assert missing.status_code == 400
    assert missing.json()["Fault"]["Error"][0]["code"] == "610"
    assert steady.get("gadget/1").json()["Fault"]["Error"][0]["code"] == "500"
    info = steady.get(f"companyinfo/{steady.sandbox.realm_id}").json()
    assert info["CompanyInfo"]["CompanyName"] == "Sandbox Company"
    assert steady.get("companyinfo/1").json()["Fault"]["Error"][0]["code"] == "610"
    assert "Preferences" in steady.get("preferences").json()


def test_xml_unless_json_is_asked_for(steady: Client) -> None:
    headers = {
        "Accept": "*/*",
        "Authorization": str(steady.session.headers["Authorization"]),
    }
    answer = requests.get(f"{steady.root}/query", headers=headers, timeout=10)
    assert answer.headers["Content-Type"].startswith("application/xml")
    assert answer.text.startswith("<?xml")


def test_gzip_only_when_accepted_and_worth_it(steady: Client) -> None:
    def encoding(statement: str, accepted: str) -> str | None:
        answer = steady.session.get(
            f"{steady.root}/query",
            params={"query": statement},
            headers={"Accept-Encoding": accepted},
            timeout=10,
        )
        json.loads(answer.content)
        return answer.headers.get("Content-Encoding")

    assert encoding("select * from Invoice maxresults 1000", "gzip, deflate") == "gzip"
    assert encoding("select * from Invoice maxresults 10", "gzip") == "gzip"
    assert encoding("select * from Invoice maxresults 1000", "identity") is None
    assert encoding("select count(*) from Invoice", "gzip") is None
