"""The one line of log that every request leaves."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass

log = logging.getLogger("qb_assets.quickbooks")


@dataclass(frozen=True, slots=True)
class CallLine:
    """What is told of a request; never a token, an address or a part of a record.

    `status` and `intuit_tid` are None where no answer came. `rows` and `bytes` are those of the
    unpacked answer, `ms` the milliseconds until it was there, `waited_ms` those before in the
    throttle, `attempt` counts from 1, `error` is the class of the error, None for none.
    """

    company: str
    entity: str
    kind: str
    status: int | None
    rows: int
    bytes: int
    ms: int
    waited_ms: int
    attempt: int
    intuit_tid: str | None
    error: str | None

    def write(self) -> None:
        """Logs the line as `key=value` words, and its fields as `extra` for handlers of JSON."""
        values = asdict(self)
        words = " ".join(
            f"{key}={'-' if value is None else value}" for key, value in values.items()
        )
        log.info("call %s", words, extra=values)
