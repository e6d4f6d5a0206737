"""Brings notifications of writes to the app's webhook, again and again until they are taken."""

from __future__ import annotations

import heapq
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import requests

from .dice import Dice
from .webhooks import SIGNATURE, Hook, body_of, event_of, is_told_of, signature_of
from .writes import Write

_TIMEOUT = 3.0
"""Seconds that Intuit waits for an answer."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_REPEAT_WITHIN = 0.2


@dataclass(order=True)
class _Letter:
    due: float
    number: int
    event: bytes = field(compare=False)


class Courier:
    """Posts in a thread of its own, so that writes to the books never wait."""

    def __init__(self, realm: str) -> None:
        self._realm = realm
        self._hook, self._dice, self._order = Hook(), Dice(0), Dice(0)
        self._letters: list[_Letter] = []
        self._under_way = 0
        self._written = 0
        self._answers: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def begin(self, hook: Hook) -> None:
        """Tell of the writes from now on there; what was not brought to the last hook is lost."""
        with self._changed:
            # Two dice: when letters are taken together is not the seed's to decide.
            self._hook, self._dice, self._order = hook, Dice(hook.seed), Dice(hook.seed)
            self._letters.clear()
            if self._thread is None and hook.url:
                self._thread = threading.Thread(target=self._carry, daemon=True)
                self._thread.start()
            self._changed.notify()

    def tell(self, write: Write) -> None:
        """A record was written."""
        with self._changed:
            hook = self._hook
            if not hook.url or not write.id or not is_told_of(write.entity):
                return
            event = event_of(write, hook, self._realm, self._dice)
            due = time.monotonic() + self._dice.uniform(0, hook.delay)
            self._post(event, due)
            if self._dice.random() < hook.repeats:
                self._post(event, due + self._dice.uniform(0, hook.delay + _REPEAT_WITHIN))
            self._changed.notify()

    def report(self) -> dict[str, object]:
        """How many are still to be brought, and the answers to POSTs by status ("failed": none)."""
        with self._changed:
            return {
                "waiting": len(self._letters) + self._under_way,
                "answers": dict(self._answers),
            }

    def _post(self, event: bytes, due: float) -> None:
        self._written += 1
        heapq.heappush(self._letters, _Letter(due, self._written, event))

    def _carry(self) -> None:
        pause = _FIRST_PAUSE
        with requests.Session() as session:
            while True:
                hook, letters = self._take()
                body = body_of([letter.event for letter in letters], hook, self._realm)
                answer = _send(session, hook, body)
                taken = answer == "200"
                with self._changed:
                    self._answers[answer] += 1
                    self._under_way = 0
                    if not taken and hook is self._hook:
                        for letter in letters:
                            heapq.heappush(self._letters, letter)
                if not taken:
                    time.sleep(pause)
                pause = _FIRST_PAUSE if taken else min(2 * pause, _LONGEST_PAUSE)

    def _take(self) -> tuple[Hook, list[_Letter]]:
        """The letters that are due, as soon as there are any."""
        with self._changed:
            while not self._letters or self._letters[0].due > time.monotonic():
                first = self._letters[0].due - time.monotonic() if self._letters else None
                self._changed.wait(first)
            hook, letters = self._hook, list[_Letter]()
            while (
                self._letters
                and len(letters) < hook.per_post
                and self._letters[0].due <= time.monotonic()
            ):
                letters.append(heapq.heappop(self._letters))
            if hook.disorder:
                self._order.shuffle(letters)
            self._under_way = len(letters)
            return hook, letters


def _send(session: requests.Session, hook: Hook, body: bytes) -> str:
    """The status of the answer; `failed` where there is none."""
    headers = {
        "Content-Type": "application/json",
        SIGNATURE: signature_of(body, hook.verifier),
    }
    try:
        answer = session.post(hook.url, data=body, headers=headers, timeout=_TIMEOUT)
    except requests.RequestException:
        return "failed"
    return str(answer.status_code)
