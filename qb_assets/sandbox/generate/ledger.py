"""The double-entry ledger of a generated company, which its documents are rendered from."""

from bisect import bisect_left
from datetime import date
from operator import attrgetter

from .model import Entry, ItemLine, NameRef, Posting

_number = attrgetter("number")


class Ledger:
    """Entries in the order they were made, each balanced, in whole cents."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.balances: dict[str, int] = {}
        """Home cents by account id, a debit positive."""
        self.foreign: dict[str, int] = {}
        """Cents of foreign currency by account id, of the accounts that have such postings."""
        self.name_balances: dict[tuple[str, NameRef], int] = {}
        """Cents of the person's currency by (account id, person) of the control postings: who
        owes, who is owed."""
        self.moving: dict[str, dict[int, Entry]] = {}
        """By item id and number, the entries that move the stock of an item."""
        self._posted = 0

    def draft(
        self,
        day: date,
        kind: str,
        document: tuple[str, str] | None,
        postings: list[Posting],
    ) -> Entry:
        """A balanced entry that is not posted, as an estimate or a purchase order stays.

        Raises ValueError where debits and credits differ.
        """
        _balanced(kind, day, postings)
        entity, doc_id = document or (None, None)
        return Entry(0, day, kind, entity, doc_id, postings)

    def post(self, entry: Entry) -> None:
        """Number a drafted entry and add it to the balances."""
        self._posted += 1
        entry.number = self._posted
        self.entries.append(entry)
        self._add(entry, 1)

    def void(self, entry: Entry) -> None:
        """Bring every posting of an entry to zero, as QuickBooks does on the original date."""
        self.change(entry, [zeroed(posting) for posting in entry.postings])
        entry.voided = True

    def change(self, entry: Entry, postings: list[Posting]) -> None:
        """Give an entry, posted or not, other postings.

        Raises ValueError where their debits and credits differ.
        """
        _balanced(entry.kind, entry.date, postings)
        if entry.number:
            self._add(entry, -1)
        entry.postings = postings
        if entry.number:
            self._add(entry, 1)

    def remove(self, entry: Entry) -> None:
        """Take a posted entry out; it keeps its number."""
        del self.entries[bisect_left(self.entries, entry.number, key=_number)]
        self._add(entry, -1)

    def put_back(self, entry: Entry) -> None:
        """Put an entry that was taken out in its old place."""
        self.entries.insert(bisect_left(self.entries, entry.number, key=_number), entry)
        self._add(entry, 1)

    def _add(self, entry: Entry, sign: int) -> None:
        balances = self.balances
        for account_id, cents, role, name_ref, line, foreign in entry.postings:
            balances[account_id] = balances.get(account_id, 0) + sign * cents
            if foreign is not None:
                self.foreign[account_id] = self.foreign.get(account_id, 0) + sign * foreign
                cents = foreign
            if role == "control" and name_ref is not None:
                key = (account_id, name_ref)
                self.name_balances[key] = self.name_balances.get(key, 0) + sign * cents
            elif role == "stock" and isinstance(line, ItemLine):
                moving = self.moving.setdefault(line.item.id, {})
                if sign > 0:
                    moving[entry.number] = entry
                else:
                    moving.pop(entry.number, None)


def zeroed(posting: Posting) -> Posting:
    """A posting of nothing in the place of one."""
    return posting._replace(cents=0, foreign=None if posting.foreign is None else 0)


def _balanced(kind: str, day: date, postings: list[Posting]) -> None:
    off = sum(posting.cents for posting in postings)
    if off:
        raise ValueError(f"{kind} of {day}: debits and credits differ by {off} cents")
