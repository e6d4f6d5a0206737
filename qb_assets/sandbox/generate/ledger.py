"""The double-entry ledger of a generated company, which its documents are rendered from."""

from datetime import date

from .model import Entry, NameRef, Posting


class Ledger:
    """Entries in the order they were made, each balanced, in whole cents."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.balances: dict[str, int] = {}
        self.name_balances: dict[tuple[str, NameRef], int] = {}
        """Cents by (account id, person) of the control postings: who owes, who is owed."""

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
        off = sum(posting.cents for posting in postings)
        if off:
            raise ValueError(f"{kind} of {day}: debits and credits differ by {off} cents")
        entity, doc_id = document or (None, None)
        return Entry(0, day, kind, entity, doc_id, postings)

    def post(self, entry: Entry) -> None:
        """Number a drafted entry and add it to the balances."""
        self.entries.append(entry)
        entry.number = len(self.entries)
        self._add(entry, 1)

    def void(self, entry: Entry) -> None:
        """Bring every posting of an entry to zero, as QuickBooks does on the original date."""
        self._add(entry, -1)
        entry.postings = [posting._replace(cents=0) for posting in entry.postings]

    def _add(self, entry: Entry, sign: int) -> None:
        balances = self.balances
        for account_id, cents, role, name_ref, _ in entry.postings:
            balances[account_id] = balances.get(account_id, 0) + sign * cents
            if role == "control" and name_ref is not None:
                key = (account_id, name_ref)
                self.name_balances[key] = self.name_balances.get(key, 0) + sign * cents
