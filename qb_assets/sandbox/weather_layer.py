"""The layer between accounting and gateway in which the weather makes faults happen."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from .call import Call
from .state import Sandbox
from .stats import kind_of
from .storms import STORMS


class WeatherLayer:
    """Hands each call to its fault, and all others on as they are."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._clock = sandbox.clock
        self._forecast = sandbox.forecast

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one ASGI connection."""
        weather = self._forecast.weather
        strike = None
        if not weather.calm and scope["type"] == "http":
            strike = self._forecast.next(kind_of(scope["path"]))
        if strike is None:
            await self._app(scope, receive, send)
            return
        call = Call(
            self._app,
            scope,
            receive,
            send,
            self._clock,
            place=strike.place,
            seconds=strike.seconds,
            retry_after=weather.retry_after,
        )
        await STORMS[strike.fault].act(call)
