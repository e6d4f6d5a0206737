"""How to reach QuickBooks: the app's keys, the hosts and the limits, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast
from urllib.parse import urlsplit

from qb_assets.quickbooks.faults import ConfigurationError

Environment: TypeAlias = Literal["sandbox", "production"]
"""Intuit's two worlds; their keys, companies and tokens are apart."""

BASE_URLS: Mapping[str, str] = {
    "sandbox": "https://sandbox-quickbooks.api.intuit.com",
    "production": "https://quickbooks.api.intuit.com",
}
BEARER_URL = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
AUTHORIZE_URL = "https://appcenter.intuit.com/connect/oauth2"
REVOKE_URL = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke"
REDIRECT_URI = "http://localhost:8765/callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the client; hosts default to Intuit's of the environment.

    `requests_per_minute` and `max_in_flight` hold per company (Intuit, "Limits": 500 a minute and
    10 at once). `timeout` is for one answer, in seconds (Intuit's servers give up after 120),
    `connect_timeout` for the connection, `deadline` for a call with all its waits and retries.
    `throttle_pause` is the wait after a 429 that names none.
    """

    client_id: str
    client_secret: str = field(repr=False)
    environment: Environment = "sandbox"
    base_url: str = BASE_URLS["sandbox"]
    token_url: str = BEARER_URL
    authorize_url: str = AUTHORIZE_URL
    revoke_url: str = REVOKE_URL
    redirect_uri: str = REDIRECT_URI
    requests_per_minute: int = 500
    max_in_flight: int = 10
    timeout: float = 130.0
    connect_timeout: float = 10.0
    deadline: float = 900.0
    attempts: int = 6
    first_wait: float = 0.5
    throttle_pause: float = 60.0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads QB_CLIENT_ID, QB_CLIENT_SECRET, QB_ENVIRONMENT and the overrides.

        Raises ConfigurationError for what is missing or cannot be understood.
        """
        values = os.environ if environ is None else environ
        environment = read_environment(values)
        return cls(
            client_id=_required(values, "QB_CLIENT_ID"),
            client_secret=_required(values, "QB_CLIENT_SECRET"),
            environment=environment,
            base_url=_url(values, "QB_BASE_URL", BASE_URLS[environment]),
            token_url=_url(values, "QB_TOKEN_URL", BEARER_URL),
            authorize_url=_url(values, "QB_AUTHORIZE_URL", AUTHORIZE_URL),
            revoke_url=_url(values, "QB_REVOKE_URL", REVOKE_URL),
            redirect_uri=_url(values, "QB_REDIRECT_URI", REDIRECT_URI),
            requests_per_minute=int(_number(values, "QB_REQUESTS_PER_MINUTE", 500)),
            max_in_flight=int(_number(values, "QB_MAX_IN_FLIGHT", 10)),
            timeout=_number(values, "QB_TIMEOUT", 130.0),
            throttle_pause=_number(values, "QB_THROTTLE_PAUSE", 60.0),
        )


def read_environment(values: Mapping[str, str]) -> Environment:
    """QB_ENVIRONMENT, `sandbox` where it is unset. Raises ConfigurationError."""
    environment = values.get("QB_ENVIRONMENT") or "sandbox"
    if environment not in BASE_URLS:
        raise ConfigurationError(
            "QB_ENVIRONMENT is neither sandbox nor production",
            what_to_do="Set QB_ENVIRONMENT to the environment of the app's keys.",
        )
    return cast(Environment, environment)


def _required(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"{name} is not set",
            what_to_do="Set it to the key of your app, from developer.intuit.com (Keys).",
        )
    return value


def _url(values: Mapping[str, str], name: str, default: str) -> str:
    value = (values.get(name) or default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            f"{name} is not an address", what_to_do=f"Set it like {default}, or leave it unset."
        )
    return value


def _number(values: Mapping[str, str], name: str, default: float) -> float:
    text = values.get(name) or str(default)
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf") or (isinstance(default, int) and number < 1):
        raise ConfigurationError(
            f"{name} is not a number above 0",
            what_to_do=f"Set it to a number such as {default}, or leave it unset.",
        )
    return number
