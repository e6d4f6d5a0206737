"""A small recorded company, and a client that talks to a sandbox as an app talks to QuickBooks."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests

from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings

NOW = datetime(2026, 3, 15, 20, 0, tzinfo=timezone.utc)
INVOICES = 2_300
FREE = Settings(requests_per_minute=0, concurrent=0, batches_per_minute=0, now=NOW)


class Client:
    """An app with a fresh access token."""

    def __init__(self, sandbox: SandboxProcess) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.headers["Accept"] = "application/json"
        self.root = f"{sandbox.base_url}/v3/company/{sandbox.realm_id}"
        self.connect()

    def connect(self) -> None:
        self.use(self.refreshed(self.sandbox.env["QB_REFRESH_TOKEN"])["access_token"])

    def use(self, access_token: str) -> None:
        self.session.headers["Authorization"] = f"Bearer {access_token}"

    def token(
        self, form: dict[str, str], headers: dict[str, str] | None = None
    ) -> requests.Response:
        env = self.sandbox.env
        keys = (env["QB_CLIENT_ID"], env["QB_CLIENT_SECRET"])
        return requests.post(env["QB_TOKEN_URL"], form, auth=keys, headers=headers, timeout=10)

    def refreshed(self, token: str) -> dict[str, Any]:
        return self.token({"grant_type": "refresh_token", "refresh_token": token}).json()

    def get(self, path: str, **params: str) -> requests.Response:
        return self.session.get(f"{self.root}/{path}", params=params, timeout=30)

    def ask(self, statement: str) -> requests.Response:
        return self.get("query", query=statement)

    def response(self, statement: str) -> dict[str, Any]:
        answer = self.ask(statement)
        assert answer.status_code == 200, answer.text
        return answer.json()["QueryResponse"]

    def rows(self, statement: str) -> list[dict[str, Any]]:
        found = self.response(statement)
        return next(iter(found.values())) if found else []

    def ids(self, statement: str) -> list[str]:
        return [row["Id"] for row in self.rows(statement)]

    def count(self, statement: str) -> int:
        return self.response(statement)["totalCount"]

    def error(self, statement: str) -> dict[str, str]:
        answer = self.ask(statement)
        assert answer.status_code == 400
        fault = answer.json()["Fault"]
        assert fault["type"] == "ValidationFault"
        return fault["Error"][0]

    def batch(self, *items: dict[str, Any]) -> requests.Response:
        body = {"BatchItemRequest": list(items)}
        return self.session.post(f"{self.root}/batch", json=body, timeout=30)


def meta(moment: datetime) -> str:
    """MetaData as text, in the offset that an American company's answers carry."""
    stamp = moment.astimezone(timezone(timedelta(hours=-8))).isoformat()
    return f'{{"CreateTime": "{stamp}", "LastUpdatedTime": "{stamp}"}}'


def named(id: str, fields: str, moment: datetime) -> str:
    return f'{{{fields}, "Id": "{id}", "SyncToken": "0", "MetaData": {meta(moment)}}}'


def write_company(folder: Path) -> Path:
    """Lists as text, so that the literals of numbers are what the test says they are."""
    begin = datetime(2026, 1, 1, 8, tzinfo=timezone.utc)
    invoices = [
        named(
            str(i + 1),
            f'"DocNumber": "{1000 + i}", "TxnDate": "2026-01-{1 + i % 28:02}", '
            f'"CustomerRef": {{"value": "{1 + i % 3}", "name": "Who"}}, '
            f'"TotalAmt": {i}.50, "Balance": {i % 5}, "UnitRate": 0.1234567000',
            # Four invoices share each second, as an import leaves them.
            begin + timedelta(seconds=i // 4 * 600),
        )
        for i in range(INVOICES)
    ]
    receipt = '{"Id": "17", "SyncToken": "0", "TxnDate": "2026-01-05", "TotalAmt": 9}'
    lists = {
        "Invoice": invoices,
        "SalesReceipt": [named("11", '"TxnDate": "2026-01-04"', begin), receipt],
        "Customer": [
            named("1", '"DisplayName": "Amy\'s Bird Sanctuary", "Active": true', begin),
            named("2", '"DisplayName": "Zed, 100% \\\\ Söns", "Active": true', begin),
            named("3", '"DisplayName": "Old Friend", "Active": false', begin),
        ],
        "Item": [named("1", '"Name": "Rock", "Sku": "R-1", "UnitPrice": 1.10', begin)],
        "CreditCardPayment": [named("5", '"TxnDate": "2026-01-05", "Amount": 10.0', begin)],
        "RecurringTransaction": [f'{{"Bill": {named("8", meta_free(), begin)}}}'],
        "ExchangeRate": [
            f'{{"SourceCurrencyCode": "EUR", "Rate": 1.1, "MetaData": {meta(begin)}}}',
            f'{{"SourceCurrencyCode": "INR", "Rate": 80, "MetaData": {meta(begin)}}}',
        ],
        "TaxRate": [named("1", '"Name": "Tucson"', begin)],
    }
    folder.mkdir(exist_ok=True)
    for entity, records in lists.items():
        text = "[\n " + ",\n ".join(records) + "\n]"
        json.loads(text)
        (folder / f"{entity}.json").write_text(text, encoding="utf-8")
    return folder


def meta_free() -> str:
    return '"RecurringInfo": {"Active": true}, "TotalAmt": 55'


@pytest.fixture(scope="session")
def company_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_company(tmp_path_factory.mktemp("books") / "Sandbox Company")


@pytest.fixture(scope="session")
def steady(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox whose books no test edits."""
    with start(company_dir=company_dir, settings=FREE) as sandbox:
        yield Client(sandbox)


@pytest.fixture
def client(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox of the test's own."""
    with start(company_dir=company_dir, settings=FREE) as sandbox:
        yield Client(sandbox)
