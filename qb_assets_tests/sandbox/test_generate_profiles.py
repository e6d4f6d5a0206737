"""Companies after a profile: each feature is there, and the records agree with the ledger."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from qb_assets.sandbox.books import Books
from qb_assets.sandbox.clock import Clock
from qb_assets.sandbox.generate import Profile, generate_books
from qb_assets.sandbox.generate.model import ItemLine
from qb_assets.sandbox.generate.world import World
from qb_assets.sandbox.process import SandboxError, start
from qb_assets_tests.sandbox.conftest import FREE, Client
from qb_assets_tests.sandbox.generated_postings import Doc, decimal, read
from qb_assets_tests.sandbox.ledger_proof import prove, world_of
from qb_assets_tests.sandbox.test_generate_records import CONTRACT_NAMES, Contract, digest

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 20, tzinfo=timezone.utc)
FULL = Profile(
    multi_currency=True,
    fiscal_year_start=4,
    several_controls=True,
    classes=0.8,
    departments=0.9,
    late_edits=True,
    deletes=True,
    report_basis="Cash",
)
BARE = Profile(classes=0.0, departments=0.0, inventory=False, tax=False, cash_back=False)
Records = dict[str, dict[str, Doc]]


def books_of(profile: Profile, seed: int = 4) -> Books:
    company = generate_books(seed, 160, TODAY, 240, profile).company
    return Books(company, Clock("America/Los_Angeles", NOW, frozen=True))


@pytest.fixture(scope="module")
def full() -> Books:
    return books_of(FULL)


@pytest.fixture(scope="module")
def records() -> Records:
    return read(generate_books(4, 160, TODAY, 240, FULL).company)


@pytest.fixture(scope="module")
def world(full: Books) -> World:
    return world_of(full)


@pytest.mark.parametrize("seed", range(6))
def test_any_drawn_company_agrees_with_its_ledger(seed: int) -> None:
    prove(books_of(Profile.of(seed), seed))


def test_drawn_profiles_have_every_feature_now_and_then() -> None:
    drawn = [Profile.of(seed) for seed in range(40)]
    assert {profile.fiscal_year_start for profile in drawn} == {1, 2, 4, 7, 10}
    for name in ("multi_currency", "several_controls", "inventory", "tax", "late_edits", "deletes"):
        assert {getattr(profile, name) for profile in drawn} == {True, False}, name
    for profile in drawn:
        assert Profile.parse(profile.text(), 0) == profile
    assert Profile.parse("drawn", 7) == drawn[7]
    assert Profile.parse("", 7) == Profile()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("colour=red", "has no colour: write drawn, or .*multi_currency"),
        ("tax=perhaps", "'tax=perhaps' cannot be read"),
        ("fiscal_year_start=13", "month from 1 to 12, not 13"),
        ("classes=2", "classes is a share from 0 to 1"),
    ],
)
def test_a_profile_that_is_none(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Profile.parse(text, 1)


def test_the_same_profile_gives_the_same_bytes() -> None:
    one, two = (generate_books(4, 60, TODAY, 90, FULL).company for _ in range(2))
    assert digest(one) == digest(two)
    assert one.deleted == two.deleted != []


def test_every_currency_is_billed_paid_and_gains_or_loses(full: Books, world: World) -> None:
    prove(full)
    exchange = world.account("exchange")
    kinds: Counter[str] = Counter()
    for entry in world.ledger.entries:
        if entry.currency != "USD" and entry.doc_entity:
            kinds[entry.doc_entity] += 1
        gained = [leg.cents for leg in entry.postings if leg.account_id == exchange]
        if gained and entry.doc_entity in ("Payment", "BillPayment"):
            kinds["gain" if sum(gained) < 0 else "loss"] += 1
        elif gained:
            # Of anything else only the rounding of its lines is left over.
            assert abs(sum(gained)) <= len(entry.postings)
            kinds["rounding"] += 1
    wanted = {"Invoice", "Payment", "Bill", "BillPayment", "Purchase", "CreditMemo"}
    assert wanted | {"gain", "loss", "rounding"} <= set(kinds)
    assert {entry.currency for entry in world.ledger.entries} == {"USD", "EUR", "GBP", "CAD"}


def test_foreign_documents_tell_their_home_amounts(records: Records) -> None:
    rates = {
        (row["SourceCurrencyCode"], row["AsOfDate"]): row["Rate"]
        for row in read_rates(generate_books(4, 20, TODAY, 240, FULL).world)
    }
    foreign = [row for row in records["Invoice"].values() if row["CurrencyRef"]["value"] != "USD"]
    assert len(foreign) > 10
    on_the_day = 0
    for row in foreign:
        home = (row["TotalAmt"] * row["ExchangeRate"]).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        assert row["HomeTotalAmt"] == home
        key = (row["CurrencyRef"]["value"], row["TxnDate"])
        on_the_day += rates.get(key) == row["ExchangeRate"]
    # All but those that were moved to another date, which keep their rate.
    assert on_the_day >= len(foreign) - 5
    for row in records["Invoice"].values():
        assert row["CurrencyRef"]["value"] != "USD" or row["ExchangeRate"] == 1


def read_rates(world: World) -> list[Doc]:
    return [
        {"SourceCurrencyCode": code, "AsOfDate": day.isoformat(), "Rate": rate.normalize()}
        for code, day, _, rate in world.rates.listed()
    ]


def test_several_receivable_and_payable_accounts_are_used(records: Records) -> None:
    for entity, key in (
        ("Invoice", "ARAccountRef"),
        ("Payment", "ARAccountRef"),
        ("Bill", "APAccountRef"),
        ("BillPayment", "APAccountRef"),
    ):
        accounts = {
            doc[key]["value"]
            for doc in records[entity].values()
            if doc["CurrencyRef"]["value"] == "USD"
        }
        assert len(accounts) == 2, entity


def test_departments_and_classes_are_on_most_documents(records: Records, world: World) -> None:
    for entity in ("Invoice", "Bill", "Purchase", "Payment", "BillPayment", "Deposit"):
        rows = list(records[entity].values())
        assert sum("DepartmentRef" in row for row in rows) > len(rows) * 0.6, entity
    journal = [line for row in records["JournalEntry"].values() for line in row["Line"]]
    assert any("DepartmentRef" in line["JournalEntryLineDetail"] for line in journal)
    lines = [
        leg.line
        for entry in world.ledger.entries
        for leg in entry.postings
        if isinstance(leg.line, ItemLine) and leg.role == "line"
    ]
    assert sum(line.class_number >= 0 for line in lines) > len(lines) * 0.6


def test_second_thoughts(full: Books, world: World, records: Records) -> None:
    assert len(world.tombstones) > 10
    assert len({entity for entity, _, _ in world.tombstones}) > 5
    stones = {(stone.entity, stone.id) for stone in full.graves.tombstones}
    assert stones == {(entity, doc_id) for entity, doc_id, _ in world.tombstones}
    assert not [key for key in stones if key[1] in records[key[0]]]
    # Moved by more than those few days that some are entered late.
    moved = [
        row
        for entity in ("Bill", "Purchase", "Payment", "BillPayment")
        for row in records[entity].values()
        if row["TxnDate"][:7] < row["MetaData"]["CreateTime"][:7]
    ]
    assert len(moved) > 3
    assert all(int(row["SyncToken"]) > 0 for row in moved)


def test_what_a_company_says_of_itself(records: Records) -> None:
    info, prefs = (next(iter(records[name].values())) for name in ("CompanyInfo", "Preferences"))
    assert info["FiscalYearStartMonth"] == "April"
    assert prefs["AccountingInfoPrefs"]["FirstMonthOfFiscalYear"] == "April"
    assert prefs["CurrencyPrefs"]["MultiCurrencyEnabled"] is True
    assert prefs["ReportPrefs"]["ReportBasis"] == "Cash"
    currencies = records["CompanyCurrency"].values()
    assert {row["Code"] for row in currencies} == {"EUR", "GBP", "CAD"}


def test_a_company_without_anything() -> None:
    books = books_of(BARE)
    prove(books)
    world = world_of(books)
    company = read(generate_books(4, 160, TODAY, 240, BARE).company)
    assert not world.stocked
    assert "InventoryAdjustment" not in company
    assert all(row["TxnTaxDetail"] == {"TotalTax": 0} for row in company["Invoice"].values())
    assert not any("CashBack" in row for row in company["Deposit"].values())
    text = json.dumps(company, default=str)
    assert '"ClassRef"' not in text
    assert '"DepartmentRef"' not in text
    prefs = next(iter(company["Preferences"].values()))
    assert prefs["TaxPrefs"]["UsingSalesTax"] is False
    assert prefs["AccountingInfoPrefs"]["TrackDepartments"] is False


def test_every_field_is_one_of_quickbooks(records: Records, shared_data: Path) -> None:
    contract = Contract(shared_data)
    unknown: set[str] = set()
    for entity in set(records) - {"RecurringTransaction"}:
        for doc in records[entity].values():
            unknown |= set(contract.unknown(entity, CONTRACT_NAMES.get(entity, entity), doc))
    assert unknown == set()


def test_a_sandbox_of_a_profile_amends_in_its_ledger() -> None:
    settings = replace(FREE, frozen=True, now=NOW)
    profile = "multi_currency=true,several_controls=true,deletes=true"
    with start(seed=6, invoices=60, days=90, profile=profile, settings=settings) as sandbox:
        client = Client(sandbox)
        assert client.count("select count(*) from ExchangeRate") == 3 * 90
        told = client.get("cdc", entities="Bill,Invoice,Payment", changedSince="2026-05-25")
        assert told.status_code == 200
        assert sandbox.admin("tombstones")
        account = "select * from Account where AccountType = 'Accounts Payable'"
        before = {row["Id"]: row["CurrentBalance"] for row in client.rows(account)}
        bill = client.rows("select * from Bill where Balance > '50' maxresults 1")[0]
        line = bill["Line"][0]
        asked: dict[str, object] = {"entity": "Bill", "id": bill["Id"], "line": 1}
        if "AccountBasedExpenseLineDetail" in line:
            asked["amount"] = line["Amount"] + 10
        else:
            asked["quantity"] = line["ItemBasedExpenseLineDetail"]["Qty"] * 2
        asked["txn_date"] = "2026-03-20"
        after = sandbox.admin("amend", asked)
        assert (after["TxnDate"], after["SyncToken"]) == ("2026-03-20", "1")
        more = decimal(after["TotalAmt"]) - decimal(bill["TotalAmt"])
        assert more > 0
        control = bill["APAccountRef"]["value"]
        owed = {row["Id"]: row["CurrentBalance"] for row in client.rows(account)}
        assert decimal(owed[control]) == decimal(before[control]) - more
        for wrong, says in (
            ({"line": 99, "amount": 1}, "no line 99"),
            ({"line": 1, "amount": "1.234"}, "more than 2 decimal places"),
            ({"line": 1, "account": "nowhere"}, "no account with Id nowhere"),
            ({"amount": 5}, "say which line"),
            ({}, "give a txn_date or a line"),
            ({"txn_date": "1999-01-01"}, "cannot be dated 1999-01-01"),
        ):
            with pytest.raises(SandboxError, match=says):
                sandbox.admin("amend", {"entity": "Bill", "id": bill["Id"], **wrong})
    with pytest.raises(SandboxError, match="has no colour"):
        start(profile="colour=red")


def test_a_recorded_company_has_no_ledger_to_amend(steady: Client) -> None:
    with pytest.raises(SandboxError, match="Invoice 7 is in no ledger: edit its record"):
        steady.sandbox.admin("amend", {"entity": "Invoice", "id": "7", "txn_date": "2026-01-01"})
