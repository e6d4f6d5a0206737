"""The part of /admin that is about the server: its clock, limits, churn, weather and figures."""

from __future__ import annotations

import msgspec

from .admin_books import Moment
from .churn import Plan
from .files import Changes
from .state import Sandbox
from .weather import Weather
from .webhooks import Hook


class _Clock(msgspec.Struct, forbid_unknown_fields=True):
    now: Moment | None = None
    advance: float = 0.0
    frozen: bool | None = None


class _Limits(msgspec.Struct, forbid_unknown_fields=True):
    """What is not given stays as it is; a `retry_after` of 0 asks for no wait."""

    requests_per_minute: int | None = None
    concurrent: int | None = None
    batches_per_minute: int | None = None
    retry_after: float | None = None
    latency: float | None = None


class ServerAdmin:
    """Handlers: each takes the JSON it is asked, and gives the JSON it answers."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def churn(self, body: bytes) -> bytes:
        """Begin to edit an entity while it is read."""
        self._sandbox.churn.start(msgspec.json.decode(body, type=Plan))
        return b"{}"

    def churned(self, _: dict[str, str]) -> bytes:
        """What was edited so."""
        return msgspec.json.encode(self._sandbox.churn.done())

    def weather(self, body: bytes) -> bytes:
        """Begin a weather in the place of the one there was; `{}` is fair weather."""
        self._sandbox.forecast.begin(msgspec.json.decode(body, type=Weather))
        return b"{}"

    def forecast(self, _: dict[str, str]) -> bytes:
        """The weather and what it has done."""
        return msgspec.json.encode(self._sandbox.forecast.report())

    def webhooks(self, body: bytes) -> bytes:
        """Tell a webhook of the writes from now on; `{}` tells nobody."""
        self._sandbox.courier.begin(msgspec.json.decode(body, type=Hook))
        return b"{}"

    def webhooks_sent(self, _: dict[str, str]) -> bytes:
        """How many notifications are on their way, and how the POSTs were answered."""
        return msgspec.json.encode(self._sandbox.courier.report())

    def clock(self, body: bytes) -> bytes:
        """Set, move or stop the clock; answers its time."""
        asked = msgspec.json.decode(body, type=_Clock)
        clock = self._sandbox.clock
        clock.set(asked.now or clock.now(), frozen=asked.frozen)
        clock.advance(asked.advance)
        return msgspec.json.encode({"now": clock.answer_time()})

    def limits(self, body: bytes) -> bytes:
        """Change limits."""
        asked = msgspec.json.decode(body, type=_Limits)
        limits = self._sandbox.limits
        if asked.requests_per_minute is not None:
            limits.per_minute = asked.requests_per_minute
        if asked.concurrent is not None:
            limits.concurrent = asked.concurrent
        if asked.batches_per_minute is not None:
            limits.batches_per_minute = asked.batches_per_minute
        if asked.retry_after is not None:
            limits.retry_after = asked.retry_after or None
        if asked.latency is not None:
            self._sandbox.latency = asked.latency
        return b"{}"

    def file(self, body: bytes) -> bytes:
        """Make the file of an attachment another than its record says."""
        self._sandbox.files.change(msgspec.json.decode(body, type=Changes))
        return b"{}"

    def files(self, _: dict[str, str]) -> bytes:
        """The requests for files, with their headers."""
        return msgspec.json.encode(list(self._sandbox.files.asked))

    def expire(self, _: bytes) -> bytes:
        """Make every access token stale."""
        self._sandbox.tokens.expire_all()
        return b"{}"

    def stats(self, _: dict[str, str]) -> bytes:
        """What was asked of the server."""
        return msgspec.json.encode(self._sandbox.stats.report())

    def reset(self, _: bytes) -> bytes:
        """Forget what was asked."""
        self._sandbox.stats.reset()
        self._sandbox.files.asked.clear()
        return b"{}"
