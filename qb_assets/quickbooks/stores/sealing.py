"""How a connection is encrypted where it is kept (Fernet: AES-128-CBC and HMAC-SHA256)."""

from __future__ import annotations

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from qb_assets.quickbooks.faults import ConfigurationError, UnreadableToken
from qb_assets.quickbooks.tokens import Connection

MAKE_A_KEY = (
    'Make one with: python -c "from cryptography.fernet import Fernet; '
    'print(Fernet.generate_key().decode())" and set QB_TOKEN_KEY to it, or QB_TOKEN_KEY_FILE to a '
    "file that holds it."
)


class Seal:
    """Encrypts and decrypts connections. Raises ConfigurationError for what cannot be a key.

    Without a key it leaves them as they are, for a store that encrypts by itself.
    """

    def __init__(self, key: str | bytes | None) -> None:
        self._fernet: Fernet | None = None
        if key is None:
            return
        try:
            self._fernet = Fernet(key)
        except ValueError:
            pass
        else:
            return
        raise ConfigurationError(
            "the key of the token store is not 32 bytes in url-safe base64", what_to_do=MAKE_A_KEY
        )

    def close(self, connection: Connection) -> bytes:
        """The connection, encrypted."""
        plain = msgspec.json.encode(connection)
        return self._fernet.encrypt(plain) if self._fernet else plain

    def open(self, sealed: bytes, realm: str, place: str) -> Connection:
        """The connection that was encrypted. Raises UnreadableToken, which names the place."""
        try:
            plain = self._fernet.decrypt(sealed) if self._fernet else sealed
            return msgspec.json.decode(plain, type=Connection)
        except (InvalidToken, msgspec.MsgspecError):
            pass
        raise UnreadableToken(f"the token in {place} does not open with this key", company=realm)
