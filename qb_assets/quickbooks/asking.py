"""Asks statements, alone or in batches, each with its own outcome."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from qb_assets.quickbooks.calls import MAX_BATCH_ITEMS, Ask, batch_call, query_call
from qb_assets.quickbooks.fault_shapes import Fault
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.transport import Transport
from qb_assets.quickbooks.verdict import fault_error

TOO_MUCH = "1040"
"""The code of a batch, or of an item of one, that holds more than a batch may."""

T = TypeVar("T")


class Asker:
    """Asks statements of one company with as few calls as can be."""

    def __init__(self, transport: Transport, realm: str) -> None:
        self._transport = transport
        self._realm = realm

    def ask_all(self, asks: Sequence[Ask[T]]) -> list[T | QuickBooksError]:
        """What each ask brings or its final error, in order; 30 asks a call.

        Raises a QuickBooksError where a whole batch fails.
        """
        outcomes: list[T | QuickBooksError] = []
        for first in range(0, len(asks), MAX_BATCH_ITEMS):
            chunk = asks[first : first + MAX_BATCH_ITEMS]
            outcomes += [self.ask(chunk[0])] if len(chunk) == 1 else self._batch(chunk)
        return outcomes

    def ask(self, ask: Ask[T]) -> T | QuickBooksError:
        """What one ask brings by itself, or its final error."""
        try:
            return self._transport.send(query_call(ask))
        except QuickBooksError as error:
            return error

    def _batch(self, asks: Sequence[Ask[T]]) -> list[T | QuickBooksError]:
        answers: list[T | Fault]
        try:
            answers = self._transport.send(batch_call(asks))
        except QuickBooksError as error:
            if error.code != TOO_MUCH:
                raise
            answers = [Fault(TOO_MUCH, "", "", "")] * len(asks)
        return [
            self._settled(ask, answer) if isinstance(answer, Fault) else answer
            for ask, answer in zip(asks, answers, strict=True)
        ]

    def _settled(self, ask: Ask[T], fault: Fault) -> T | QuickBooksError:
        """An item that failed in a way that may pass, or for want of room, is asked alone."""
        error = fault_error(fault, None, company=self._realm, entity=ask.entity.name)
        return self.ask(ask) if error.retryable or error.code == TOO_MUCH else error


def or_raise(outcomes: Sequence[T | QuickBooksError]) -> list[T]:
    """The outcomes, where none is an error; else raises the first one."""
    good: list[T] = []
    for outcome in outcomes:
        if isinstance(outcome, QuickBooksError):
            raise outcome
        good.append(outcome)
    return good
