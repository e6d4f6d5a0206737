"""Where tokens are kept: encrypted files, PostgreSQL, AWS Secrets Manager, or the environment.

All are a `TokenStore` (see `tokens`); `token_store_from_url` opens the one in QB_TOKEN_STORE.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.settings import read_secret
from qb_assets.quickbooks.stores.environment import EnvironmentTokenStore
from qb_assets.quickbooks.stores.file import FileTokenStore
from qb_assets.quickbooks.tokens import TokenStore

__all__ = ["EnvironmentTokenStore", "FileTokenStore", "token_store_from_url"]

DEFAULT_STORE = "~/.qb_assets/tokens"

_SCHEME = re.compile("([A-Za-z][A-Za-z0-9+.-]*):")


def token_store_from_url(url: str | None, environ: Mapping[str, str] | None = None) -> TokenStore:
    """The store that QB_TOKEN_STORE names.

    `file:///folder` or a plain path, `postgresql://user@host/database`, `aws-sm://prefix`, or
    `env:`. None or "" is the folder `~/.qb_assets/tokens`. Raises ConfigurationError for other
    schemes, and for what such a store needs and is missing.
    """
    values = os.environ if environ is None else environ
    target = url or DEFAULT_STORE
    named = _SCHEME.match(target)
    scheme = named.group(1).lower() if named else ""
    if scheme == "env":
        return EnvironmentTokenStore(environ)
    key = read_secret(values, "QB_TOKEN_KEY") or None
    if scheme in ("postgresql", "postgres"):
        return _postgres(target, key)
    if scheme == "aws-sm":
        from qb_assets.quickbooks.stores.secrets_manager import SecretsManagerTokenStore

        return SecretsManagerTokenStore.from_url(target, key=key)
    if len(scheme) < 2:  # one letter is a drive of Windows
        return FileTokenStore(Path(target).expanduser(), key=key)
    if scheme == "file":
        parts = urlsplit(target)
        if parts.netloc in ("", "localhost"):
            return FileTokenStore(Path(unquote(parts.path)), key=key)
    raise ConfigurationError(
        f"QB_TOKEN_STORE names a kind of store that is not known: {scheme}:",
        what_to_do="Use a folder (/path or file:///path), postgresql://user@host/database, "
        "aws-sm://prefix, or env: for values of the environment.",
    )


def _postgres(url: str, key: str | None) -> TokenStore:
    try:
        from qb_assets.quickbooks.stores.postgres import PostgresTokenStore
    except ImportError:
        pass
    else:
        return PostgresTokenStore(url, key=key)
    raise ConfigurationError(
        "QB_TOKEN_STORE is in PostgreSQL, and its driver psycopg is not installed",
        what_to_do="Install it with: pip install 'qb_assets[postgres]'",
    )
