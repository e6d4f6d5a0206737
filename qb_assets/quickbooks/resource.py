"""The Dagster face of the QuickBooks client."""

from __future__ import annotations

import os
import threading

import dagster as dg
from pydantic import Field

from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import token_store_from_url
from qb_assets.quickbooks.tokens import TokenStore

_clients: dict[tuple[Settings, str, str], QuickBooksClient] = {}
_guard = threading.Lock()


class QuickBooksResource(dg.ConfigurableResource[None]):
    """Gives clients of connected companies.

    A field that is left out is read from its environment variable when a client is asked for, so
    definitions load without one. Secrets that are set here should be `dg.EnvVar`s, as Dagster shows
    plain values of resources.
    """

    client_id: str | None = Field(default=None, description="Else QB_CLIENT_ID.")
    client_secret: str | None = Field(
        default=None, repr=False, description="Else QB_CLIENT_SECRET."
    )
    environment: str | None = Field(
        default=None, description="sandbox or production; else QB_ENVIRONMENT."
    )
    base_url: str | None = Field(
        default=None, description="The API's host; else QB_BASE_URL, else Intuit's."
    )
    token_url: str | None = Field(
        default=None, description="The token endpoint; else QB_TOKEN_URL, else Intuit's."
    )
    token_store_url: str | None = Field(
        default=None, description="Where tokens are kept; else QB_TOKEN_STORE."
    )
    requests_per_minute: int | None = Field(
        default=None, description="Per company; else QB_REQUESTS_PER_MINUTE, else 500."
    )
    max_in_flight: int | None = Field(
        default=None, description="Requests at once per company; else QB_MAX_IN_FLIGHT, else 10."
    )

    def settings(self) -> Settings:
        """The client's settings. Raises ConfigurationError for what is missing or wrong."""
        given = {
            "QB_CLIENT_ID": self.client_id,
            "QB_CLIENT_SECRET": self.client_secret,
            "QB_ENVIRONMENT": self.environment,
            "QB_BASE_URL": self.base_url,
            "QB_TOKEN_URL": self.token_url,
            "QB_TOKEN_STORE": self.token_store_url,
            "QB_REQUESTS_PER_MINUTE": self.requests_per_minute,
            "QB_MAX_IN_FLIGHT": self.max_in_flight,
        }
        chosen = {name: str(value) for name, value in given.items() if value is not None}
        return Settings.from_environment({**os.environ, **chosen})

    def token_store(self) -> TokenStore:
        """Where the tokens are kept. Raises ConfigurationError."""
        return token_store_from_url(self._store_url())

    def client(self, realm: str) -> QuickBooksClient:
        """The client of a company, one per process. Raises ConfigurationError."""
        settings, url = self.settings(), self._store_url()
        with _guard:
            key = (settings, url, realm)
            if key not in _clients:
                _clients[key] = QuickBooksClient(settings, token_store_from_url(url), realm)
            return _clients[key]

    def _store_url(self) -> str:
        return self.token_store_url or os.environ.get("QB_TOKEN_STORE", "")
