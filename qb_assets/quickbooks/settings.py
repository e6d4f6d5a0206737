"""How to reach QuickBooks: the app's keys, the hosts and the limits, from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
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
FILE_HOSTS = ("amazonaws.com", "intuit.com")
DEFAULT_CALL_BOOK = "~/.qb_assets/calls.db"

_FLAGS = {"0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of the client; hosts default to Intuit's of the environment.

    `requests_per_minute`, `max_in_flight` and `batches_per_minute` hold per company (Intuit,
    "Limits": 500 a minute, 10 at once; 40 batches a minute, or 120 by a newer text). `timeout` is
    for one answer, in seconds (Intuit's servers give up after 120), `connect_timeout` for the
    connection, `deadline` for a call with all its waits and retries.
    `throttle_pause` is the wait after a 429 that names none. `call_book` is where calls are kept
    and counted (see `books`), `monthly_call_budget` how many metered calls the app may make in a
    month of UTC, None for any number; `force_calls` lets them go beyond. `app_id` is the app's id
    on developer.intuit.com, for the address at which a person connects a company again.
    `file_hosts` are the domains under which the files of attachments are fetched, besides the
    API's own host (seen: intuit-qbo-prod-30.s3.amazonaws.com and
    financialdocument.platform.intuit.com).
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
    batches_per_minute: int = 40
    app_id: str | None = None
    call_book: str = field(default="memory:", repr=False)  # its address may hold a password
    monthly_call_budget: int | None = None
    force_calls: bool = False
    file_hosts: tuple[str, ...] = FILE_HOSTS

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads QB_CLIENT_ID, QB_CLIENT_SECRET (or its file), QB_ENVIRONMENT and the overrides.

        Raises ConfigurationError for what is missing or cannot be understood.
        """
        values = os.environ if environ is None else environ
        environment = read_environment(values)
        return cls(
            client_id=_required(values, "QB_CLIENT_ID"),
            client_secret=_required(values, "QB_CLIENT_SECRET"),
            app_id=values.get("QB_APP_ID", "").strip() or None,
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
            batches_per_minute=int(_number(values, "QB_BATCHES_PER_MINUTE", 40)),
            call_book=read_call_book(values),
            monthly_call_budget=_budget(values),
            force_calls=_flag(values, "QB_FORCE_CALLS"),
            file_hosts=_hosts(values),
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


def read_secret(values: Mapping[str, str], name: str) -> str:
    """The secret in the variable, else in the file that `NAME_FILE` names; "" for neither.

    A file keeps it out of the environment, which other programs of the user can read. Raises
    ConfigurationError where the file cannot be read.
    """
    value, file = values.get(name, "").strip(), values.get(f"{name}_FILE", "").strip()
    if value or not file:
        return value
    try:
        return Path(file).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pass
    raise ConfigurationError(
        f"the file in {name}_FILE cannot be read",
        what_to_do=f"Put the value alone in the file {file}, readable for this user.",
    )


def read_call_book(values: Mapping[str, str]) -> str:
    """QB_CALL_BOOK; else beside the tokens, where these are in a folder or in PostgreSQL."""
    chosen = values.get("QB_CALL_BOOK", "").strip()
    tokens = values.get("QB_TOKEN_STORE", "").strip()
    scheme = urlsplit(tokens).scheme
    if chosen:
        return chosen
    if scheme in ("postgresql", "postgres"):
        return tokens
    if tokens and (scheme == "file" or len(scheme) <= 1):  # one letter is a drive of Windows
        return f"{tokens.rstrip('/')}/calls.db"
    return DEFAULT_CALL_BOOK


def _budget(values: Mapping[str, str]) -> int | None:
    name = "QB_MONTHLY_CALL_BUDGET"
    return int(_number(values, name, 500_000)) if values.get(name) else None


def _hosts(values: Mapping[str, str]) -> tuple[str, ...]:
    names = values.get("QB_FILE_HOSTS", "").replace(",", " ").lower().split()
    return tuple(name.strip(".") for name in names) or FILE_HOSTS


def _flag(values: Mapping[str, str], name: str) -> bool:
    text = (values.get(name) or "0").strip().lower()
    if text not in _FLAGS:
        raise ConfigurationError(
            f"{name} is neither 0 nor 1", what_to_do="Set it to 1, or leave it unset."
        )
    return _FLAGS[text]


def _required(values: Mapping[str, str], name: str) -> str:
    value = read_secret(values, name)
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
