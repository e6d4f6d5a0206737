"""The token stores: an encrypted local folder, and read-only values of the environment."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from cryptography.fernet import Fernet, InvalidToken
from filelock import FileLock, Timeout

from qb_assets.quickbooks.faults import (
    ConfigurationError,
    NotConnected,
    TokenConflict,
    TokenStoreError,
    UnreadableToken,
)
from qb_assets.quickbooks.settings import read_environment
from qb_assets.quickbooks.tokens import Connection, Token, TokenStore, check_realm

DEFAULT_STORE = "~/.qb_assets/tokens"
LOCK_TIMEOUT = 180.0
"""Seconds; longer than a refresh with all its tries."""

_SUFFIX = ".token"
_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


def token_store_from_url(url: str | None, environ: Mapping[str, str] | None = None) -> TokenStore:
    """The store that QB_TOKEN_STORE names: `file:///folder`, a plain path, or `env:`.

    None or "" is the folder `~/.qb_assets/tokens`. Raises ConfigurationError for other schemes.
    """
    values = os.environ if environ is None else environ
    target = url or DEFAULT_STORE
    parts = urlsplit(target)
    if parts.scheme == "env":
        return EnvironmentTokenStore(environ)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return FileTokenStore(Path(unquote(parts.path)), key=values.get("QB_TOKEN_KEY"))
    if parts.scheme == "" or len(parts.scheme) == 1:  # one letter is a drive of Windows
        return FileTokenStore(Path(target).expanduser(), key=values.get("QB_TOKEN_KEY"))
    raise ConfigurationError(
        f"QB_TOKEN_STORE names a kind of store that is not known: {parts.scheme}:",
        what_to_do="Use a folder (/path or file:///path) or env: for values of the environment.",
    )


class FileTokenStore:
    """One encrypted file a company in a folder that only its owner can enter.

    The key is `key` (QB_TOKEN_KEY, 32 bytes in url-safe base64), or else the file `.key` in the
    folder, made at first use. A file is replaced in one step and synced to disk before `save`
    returns; a lock file a company excludes the other threads and processes.
    """

    def __init__(self, folder: Path, *, key: str | None = None) -> None:
        self._folder = folder
        self._given_key = key
        self._locks: dict[str, FileLock] = {}
        self._guard = threading.Lock()

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._folder)!r})"

    def load(self, realm: str) -> Connection:
        """Reads and decrypts the company's file. Raises NotConnected, TokenStoreError."""
        connection = self._read(check_realm(realm))
        if connection is None:
            raise NotConnected(f"no connection is kept in {self._folder}", company=realm)
        return connection

    def save(self, connection: Connection, *, replaces: Token | None) -> None:
        """Replaces the company's file in one step. Raises TokenConflict, TokenStoreError."""
        realm = check_realm(connection.realm)
        with self.lock(realm):
            held = self._read(realm)
            current = held.token if held else None
            if (replaces is None) != (current is None) or (
                current is not None and not current.same_as(replaces)
            ):
                raise TokenConflict("another token was stored meanwhile", company=realm)
            sealed = self._cipher(realm).encrypt(msgspec.json.encode(connection))
            with self._disk(realm):
                self._replace(self._path(realm), sealed)

    def lock(self, realm: str) -> AbstractContextManager[None]:
        """Holds the company's lock file; raises TokenStoreError after three minutes."""
        return self._hold(check_realm(realm))

    def companies(self) -> list[Connection]:
        """The companies that have a file in the folder."""
        if not self._folder.is_dir():
            return []
        return [self.load(path.stem) for path in sorted(self._folder.glob(f"*{_SUFFIX}"))]

    def delete(self, realm: str) -> None:
        """Removes the company's file."""
        with self.lock(realm), self._disk(realm):
            self._path(realm).unlink(missing_ok=True)
            _sync_folder(self._folder)

    @contextmanager
    def _hold(self, realm: str) -> Generator[None, None, None]:
        with self._guard, self._disk(realm):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = self._locks.setdefault(
                realm, FileLock(self._folder / f"{realm}.lock", mode=0o600, timeout=LOCK_TIMEOUT)
            )
        with ExitStack() as held:
            timed_out = False
            try:
                with self._disk(realm):
                    held.enter_context(lock)
            except Timeout:
                timed_out = True
            if timed_out:
                raise TokenStoreError(
                    f"the lock {realm}.lock in {self._folder} was held for {LOCK_TIMEOUT:.0f} s",
                    company=realm,
                    what_to_do="Look for a process of qb_assets that hangs, end it, run it again.",
                )
            yield

    def _read(self, realm: str) -> Connection | None:
        with self._disk(realm):
            path = self._path(realm)
            sealed = path.read_bytes() if path.exists() else None
        if sealed is None:
            return None
        connection: Connection | None = None
        with suppress(InvalidToken, msgspec.MsgspecError):
            opened = self._cipher(realm).decrypt(sealed)
            connection = msgspec.json.decode(opened, type=Connection)
        if connection is None:
            raise UnreadableToken(
                f"the token file in {self._folder} does not open with this key", company=realm
            )
        return connection

    def _cipher(self, realm: str) -> Fernet:
        cipher: Fernet | None = None
        with suppress(ValueError):
            cipher = Fernet(self._given_key or self._key_file(realm))
        if cipher is None:
            raise ConfigurationError(
                "the key of the token store is not 32 bytes in url-safe base64",
                what_to_do='Make one with: python -c "from cryptography.fernet import Fernet; '
                'print(Fernet.generate_key().decode())" and set QB_TOKEN_KEY to it.',
            )
        return cipher

    def _key_file(self, realm: str) -> bytes:
        path = self._folder / ".key"
        with self._disk(realm):
            if not path.exists():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                made = self._folder / f".key.{os.getpid()}.{threading.get_ident()}"
                _write(made, Fernet.generate_key())
                with suppress(FileExistsError):  # another process was first: its key holds
                    os.link(made, path)
                made.unlink()
                _sync_folder(self._folder)
            return path.read_bytes().strip()

    def _replace(self, path: Path, content: bytes) -> None:
        # The lock is held, so a left-over of a killed process may be written over.
        made = path.with_name(f".{path.name}.new")
        _write(made, content)
        made.replace(path)
        _sync_folder(self._folder)

    def _path(self, realm: str) -> Path:
        return self._folder / f"{realm}{_SUFFIX}"

    @contextmanager
    def _disk(self, realm: str) -> Generator[None, None, None]:
        failure: TokenStoreError | None = None
        try:
            yield
        except Timeout:
            raise
        except OSError as error:
            failure = TokenStoreError(
                f"the token folder {self._folder} cannot be used: {error.strerror or 'I/O error'}",
                company=realm,
                what_to_do="Make the folder in QB_TOKEN_STORE readable and writable for this user.",
            )
        if failure is not None:
            raise failure


class EnvironmentTokenStore:
    """The refresh token in QB_REFRESH_TOKEN of the company QB_COMPANY, for CI.

    A token that Intuit renews is kept in memory only, so this is for short-lived processes whose
    secrets are renewed by other means.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = environ
        self._renewed: dict[str, tuple[str, Connection]] = {}
        self._lock = threading.RLock()

    def load(self, realm: str) -> Connection:
        """The connection of QB_COMPANY. Raises NotConnected for any other company."""
        company, refresh = self._value("QB_COMPANY"), self._value("QB_REFRESH_TOKEN")
        if not refresh or company != check_realm(realm):
            raise NotConnected(
                "QB_COMPANY and QB_REFRESH_TOKEN hold no token of this company",
                company=realm,
                what_to_do="Set both, or set QB_TOKEN_STORE to the folder where it is connected.",
            )
        given, renewed = self._renewed.get(realm, ("", None))
        if renewed is not None and given == refresh:
            return renewed
        token = Token(
            realm=realm,
            environment=read_environment(os.environ if self._environ is None else self._environ),
            access="",
            refresh=refresh,
            issued_at=_NEVER,
            expires_at=_NEVER,
        )
        return Connection(token=token, connected_at=_NEVER)

    def save(self, connection: Connection, *, replaces: Token | None) -> None:
        """Keeps the connection for this process. Raises TokenConflict, NotConnected."""
        with self._lock:
            if not self.load(connection.realm).token.same_as(replaces):
                raise TokenConflict("another token was stored meanwhile", company=connection.realm)
            self._renewed[connection.realm] = (self._value("QB_REFRESH_TOKEN"), connection)

    def lock(self, realm: str) -> AbstractContextManager[None]:
        """Excludes the other threads of this process."""
        check_realm(realm)
        return self._hold()

    def companies(self) -> list[Connection]:
        """QB_COMPANY, where it is set."""
        company = self._value("QB_COMPANY")
        return [self.load(company)] if company and self._value("QB_REFRESH_TOKEN") else []

    def delete(self, realm: str) -> None:
        """Refuses, as the environment cannot be changed from here."""
        raise TokenStoreError(
            "values of the environment cannot be deleted",
            company=realm,
            what_to_do="Unset QB_REFRESH_TOKEN.",
        )

    @contextmanager
    def _hold(self) -> Generator[None, None, None]:
        with self._lock:
            yield

    def _value(self, name: str) -> str:
        values = os.environ if self._environ is None else self._environ
        return values.get(name, "").strip()


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
