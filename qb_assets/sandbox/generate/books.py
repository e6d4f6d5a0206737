"""A generated company: its ledger, which is the truth, and the records rendered from it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from qb_assets.sandbox.company import Company, Record

from . import render_company, render_currencies, render_lists
from .days import PACIFIC, Calendar
from .encode import Fragments, Row
from .model import Account, Entry
from .plan import live
from .profile import Profile
from .render import render
from .render_small import small_lists
from .world import PLAIN, World


@dataclass
class GeneratedBooks:
    """The ledger of a generated company beside the company itself.

    `entries` are all entries of the ledger, each balanced, in the order they were made: those of
    the documents and those that no entity of the API carries. `accounts` is the chart.
    """

    company: Company
    entries: list[Entry]
    accounts: list[Account]
    balances: dict[str, Decimal]
    """Dollars by account Id, a debit positive; accounts without a posting are left out."""
    world: World
    """What the records were rendered from; the sandbox keeps it in step with later writes."""


def generate_books(
    seed: int,
    invoices: int,
    today: date | None = None,
    days: int = 365,
    profile: Profile = PLAIN,
) -> GeneratedBooks:
    """Live through `days` days before `today` and return the ledger with the company.

    The company writes exactly `invoices` invoices and the other transactions in proportion, and
    has the features of its `profile`. Nothing
    in it is later than midnight at the start of `today` (the default is the present date of the
    Pacific zone). The same arguments give the same bytes. Raises ValueError where `invoices` or
    `days` is less than 1.
    """
    if invoices < 1 or days < 1:
        raise ValueError(
            f"a company cannot be generated with {invoices} invoices over {days} days: "
            "give at least 1 of each"
        )
    calendar = Calendar(today or datetime.now(PACIFIC).date(), days)
    world = live(seed, invoices, calendar, profile)
    # A realm is a long number; one of its own for each seed keeps generated companies apart.
    realm_id = f"46208163{seed % 10**11:011d}"
    moment = calendar.moment
    deleted = [(entity, doc_id, moment(at)) for entity, doc_id, at in world.tombstones]
    company = Company(realm_id, render_company.NAME, _records(world), world, deleted)
    balances = {key: Decimal(cents).scaleb(-2) for key, cents in world.ledger.balances.items()}
    accounts = list(world.accounts.values())
    return GeneratedBooks(company, world.ledger.entries, accounts, balances, world)


def generate_company(
    seed: int,
    invoices: int,
    today: date | None = None,
    days: int = 365,
    profile: Profile = PLAIN,
) -> Company:
    """The company of `generate_books`."""
    return generate_books(seed, invoices, today, days, profile).company


def _records(world: World) -> dict[str, list[Record]]:
    texts = Fragments(world)
    moment = world.calendar.moment

    def records(rows: list[Row]) -> list[Record]:
        return [Record(row_id, body, moment(updated)) for row_id, body, updated in rows]

    made = {
        entity: [Record(txn.id, render(txn, texts), moment(txn.updated)) for txn in txns]
        for entity, txns in world.documents.items()
    }
    made |= {entity: records(rows) for entity, rows in small_lists(texts).items()}
    made["Account"] = records(render_lists.accounts(world, texts))
    made["Customer"] = records(render_lists.customers(world, texts))
    made["Vendor"] = records(render_lists.vendors(world, texts))
    made["Employee"] = records(render_lists.employees(world, texts))
    made["Item"] = records(render_lists.items(world, texts))
    made["CompanyInfo"] = records([render_company.company_info(texts)])
    made["Preferences"] = records([render_company.preferences(texts)])
    made["Budget"] = records([render_company.budget(world, texts)])
    made["Attachable"] = records(render_company.attachables(world, texts))
    made["RecurringTransaction"] = records(render_company.recurring(world, texts))
    if world.profile.multi_currency:
        made["CompanyCurrency"] = records(render_currencies.currencies(texts))
        made["ExchangeRate"] = records(render_currencies.exchange_rates(world, texts))
    return dict(sorted(made.items()))
