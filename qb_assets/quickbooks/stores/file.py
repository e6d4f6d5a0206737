"""The token store in a local folder: one encrypted file a company."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

from cryptography.fernet import Fernet

from qb_assets.quickbooks.faults import NotConnected, TokenConflict, TokenStoreError
from qb_assets.quickbooks.stores.locks import Locks, file_lock
from qb_assets.quickbooks.stores.sealing import Seal
from qb_assets.quickbooks.tokens import Connection, Purpose, Recipe, Token, check_realm

_SUFFIX = ".token"


class FileTokenStore:
    """One encrypted file a company in a folder that only its owner can enter.

    The key is `key` (QB_TOKEN_KEY, 32 bytes in url-safe base64), or else the file `.key` in the
    folder, made at first use. A file is replaced in one step and synced to disk before `save`
    returns; lock files exclude the other threads and processes.
    """

    def __init__(self, folder: Path, *, key: str | None = None) -> None:
        self._folder = folder
        self._given_key = key
        self._locks = Locks(self._hold)

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self._folder)!r})"

    def recipe(self) -> Recipe:
        """The folder and the key; None for the key file's."""
        return Recipe(self._folder.absolute().as_uri(), self._given_key)

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
            same = held is None if replaces is None else replaces.same_as(held and held.token)
            if not same:
                raise TokenConflict("another token was stored meanwhile", company=realm)
            sealed = self._seal(realm).close(connection)
            with self._disk(realm):
                self._replace(self._path(realm), sealed)

    def lock(self, realm: str, *, purpose: Purpose = "token") -> AbstractContextManager[None]:
        """Holds a lock file of the company; raises TokenStoreError after some minutes."""
        return self._locks.hold(realm, purpose)

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
    def _hold(self, realm: str, purpose: Purpose) -> Generator[None, None, None]:
        name = f"{realm}.lock" if purpose == "token" else f"{realm}.{purpose}.lock"
        with ExitStack() as held:
            with self._disk(realm):
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                held.enter_context(file_lock(self._folder / name, realm, purpose))
            yield

    def _read(self, realm: str) -> Connection | None:
        with self._disk(realm):
            path = self._path(realm)
            sealed = path.read_bytes() if path.exists() else None
        return None if sealed is None else self._seal(realm).open(sealed, realm, str(self._folder))

    def _seal(self, realm: str) -> Seal:
        return Seal(self._given_key or self._key_file(realm))

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
        except OSError as error:
            failure = TokenStoreError(
                f"the token folder {self._folder} cannot be used: {error.strerror or 'I/O error'}",
                company=realm,
                what_to_do="Make the folder in QB_TOKEN_STORE readable and writable for this user.",
            )
        if failure is not None:
            raise failure from None


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
