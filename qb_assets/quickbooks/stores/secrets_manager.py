"""The token store in AWS Secrets Manager: one secret a company, and one for its lock."""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
import warnings
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from dagster import BetaWarning
from dagster_aws.secretsmanager import SecretsManagerResource

from qb_assets.quickbooks.faults import (
    ConfigurationError,
    NotConnected,
    TokenConflict,
    TokenStoreError,
)
from qb_assets.quickbooks.stores.lease import LEASE, Lease
from qb_assets.quickbooks.stores.locks import LOCK_TIMEOUTS, Locks, file_lock, lock_timeout
from qb_assets.quickbooks.stores.sealing import Seal
from qb_assets.quickbooks.stores.versions import AWS_ERRORS, Versions, error_code
from qb_assets.quickbooks.tokens import Connection, Purpose, Recipe, Token, check_realm

_LOCK = ".lock"
_OPTIONS = ("region", "profile", "endpoint", "lease")


class SecretsManagerTokenStore:
    """The secrets `PREFIX/REALM`, and `PREFIX/REALM.lock` for the company's lock.

    AWS encrypts them with the account's key; with `key` (QB_TOKEN_KEY) they are encrypted before
    as well. `region`, `profile` and `endpoint` are AWS's own of the environment where they are
    None; credentials are always the environment's. `lease` is for how many seconds a lock is held
    at most: the lock of a killed holder is free after that. A refresh makes three new versions of
    the one secret and one of the other; AWS bears six an hour of each (AWS, "PutSecretValue").
    """

    def __init__(
        self,
        prefix: str,
        *,
        key: str | None = None,
        region: str | None = None,
        profile: str | None = None,
        endpoint: str | None = None,
        lease: float = LEASE,
    ) -> None:
        self._prefix = prefix
        self._key = key
        self._options = {"region": region, "profile": profile, "endpoint": endpoint}
        self._lease = lease
        self._seal = Seal(key)
        self._locks = Locks(self._hold)

    @classmethod
    def from_url(cls, url: str, *, key: str | None) -> SecretsManagerTokenStore:
        """The store at `aws-sm://prefix?region=…&profile=…&endpoint=…&lease=…`.

        Raises ConfigurationError.
        """
        parts = urlsplit(url)
        prefix = (parts.netloc + parts.path).strip("/")
        given = dict(parse_qsl(parts.query))
        lease = given.pop("lease", str(LEASE))
        if prefix and lease.replace(".", "", 1).isdigit() and set(given) <= set(_OPTIONS):
            return cls(prefix, key=key, lease=float(lease), **given)
        raise ConfigurationError(
            "the Secrets Manager address in QB_TOKEN_STORE is not understood",
            what_to_do="Write it like aws-sm://quickbooks/tokens?region=eu-west-1; it may also "
            "have profile, endpoint, and lease in seconds.",
        )

    def __repr__(self) -> str:
        return f"SecretsManagerTokenStore({self._prefix!r})"

    def recipe(self) -> Recipe:
        """The address and the key; the credentials are the environment's."""
        options = {name: value for name, value in self._options.items() if value}
        query = urlencode({**options, "lease": self._lease})
        return Recipe(f"aws-sm://{self._prefix}?{query}", self._key)

    def load(self, realm: str) -> Connection:
        """Reads the company's secret. Raises NotConnected, TokenStoreError."""
        with self._aws(check_realm(realm)):
            current = self._versions(realm).read()
        if current is None:
            raise NotConnected(f"no connection is kept in {self._place(realm)}", company=realm)
        return self._open(current.text, realm)

    def save(self, connection: Connection, *, replaces: Token | None) -> None:
        """Makes or replaces the company's secret. Raises TokenConflict, TokenStoreError."""
        realm = check_realm(connection.realm)
        text = self._seal.close(connection).decode()
        version = str(uuid.uuid4())
        with self._aws(realm):
            secret = self._versions(realm)
            current = secret.read()
            if current is None or replaces is None:
                saved = current is None and replaces is None and secret.create(version, text)
            else:
                saved = self._open(current.text, realm).token.same_as(replaces)
                saved = saved and secret.replace(current.id, version, text)
        if not saved:
            raise TokenConflict("another token was stored meanwhile", company=realm)

    def lock(self, realm: str, *, purpose: Purpose = "token") -> AbstractContextManager[None]:
        """Holds a lease; raises TokenStoreError after some minutes.

        `asking` only spares work, so it excludes the processes of this machine by a lock file.
        """
        return self._locks.hold(realm, purpose)

    def companies(self) -> list[Connection]:
        """The companies that have a secret below the prefix."""
        below = f"{self._prefix}/"
        with self._aws(None):
            pages = self._client.get_paginator("list_secrets").paginate(
                Filters=[{"Key": "name", "Values": [below]}]
            )
            names = [str(secret["Name"]) for page in pages for secret in page["SecretList"]]
        realms = [name.removeprefix(below) for name in names if name.startswith(below)]
        return [self.load(realm) for realm in sorted(realms) if not realm.endswith(_LOCK)]

    def delete(self, realm: str) -> None:
        """Deletes the company's secret at once; that of its lock stays."""
        with self._aws(check_realm(realm)):
            if self._versions(realm).read() is not None:
                self._client.delete_secret(
                    SecretId=self._place(realm), ForceDeleteWithoutRecovery=True
                )

    @cached_property
    def _client(self) -> Any:  # boto3's clients have no types
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BetaWarning)
            resource: Any = SecretsManagerResource(
                # boto3 itself reads only AWS_DEFAULT_REGION; other AWS tools read this one first.
                region_name=self._options["region"] or os.environ.get("AWS_REGION") or None,
                profile_name=self._options["profile"],
                endpoint_url=self._options["endpoint"],
            )
            return resource.get_client()

    @contextmanager
    def _hold(self, realm: str, purpose: Purpose) -> Generator[None, None, None]:
        with ExitStack() as held:
            if purpose == "asking":
                self._hold_file(held, realm)
            else:
                with self._aws(realm):
                    lease = Lease(self._versions(f"{realm}{_LOCK}"), self._lease)
                    holder = lease.take(LOCK_TIMEOUTS[purpose])
                if holder is None:
                    raise lock_timeout(realm, purpose, "another process or machine")
                held.callback(lease.release, holder)
            yield

    def _hold_file(self, held: ExitStack, realm: str) -> None:
        folder = Path(tempfile.gettempdir()) / f"qb_assets-{os.getuid()}"
        name = hashlib.sha256(self._place(realm).encode()).hexdigest()[:32]
        failure = ""
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            held.enter_context(file_lock(folder / f"{name}.lock", realm, "asking"))
        except OSError as error:
            failure = error.strerror or "I/O error"
        if failure:
            raise TokenStoreError(
                f"the folder of locks {folder} cannot be used: {failure}",
                company=realm,
                what_to_do="Set TMPDIR to a folder that this user can write.",
            )

    def _open(self, text: str, realm: str) -> Connection:
        return self._seal.open(text.encode(), realm, f"the secret {self._place(realm)}")

    def _versions(self, name: str) -> Versions:
        return Versions(self._client, self._place(name))

    def _place(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    @contextmanager
    def _aws(self, realm: str | None) -> Generator[None, None, None]:
        """Makes boto's errors ours."""
        failure: TokenStoreError | None = None
        try:
            yield
        except AWS_ERRORS as error:
            failure = TokenStoreError(
                f"Secrets Manager cannot be used for {self._prefix}: {error_code(error)}",
                company=realm,
                what_to_do="Check AWS's credentials and region (or region and profile in "
                "QB_TOKEN_STORE), and that they may list, create, read, put, delete and stage the "
                "secrets below that prefix.",
            )
        if failure is not None:
            raise failure from None
