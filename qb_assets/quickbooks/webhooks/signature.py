"""Whether a webhook is Intuit's: its signature, and the verifier tokens it is made with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.settings import read_secret

HEADER = "intuit-signature"
VERIFIER = "QB_WEBHOOK_VERIFIER"


def verifiers_from_environment(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The verifier tokens in QB_WEBHOOK_VERIFIER, or in its file; several while they are rotated.

    Raises ConfigurationError where there is none.
    """
    found = read_secret(os.environ if environ is None else environ, VERIFIER)
    verifiers = tuple(found.replace(",", " ").split())
    if not verifiers:
        raise ConfigurationError(
            f"{VERIFIER} is not set",
            what_to_do="Set it to the verifier token of the app's webhooks, from "
            "developer.intuit.com (Webhooks), or name a file with it in "
            f"{VERIFIER}_FILE. Without it nobody can tell Intuit's notifications from others.",
        )
    return verifiers


def is_genuine(body: bytes, signature: str, verifiers: Sequence[str]) -> bool:
    """Whether the signature is the base64 of the body's HMAC-SHA256 with one of the tokens.

    Takes the same time wherever the signature differs, and whichever token it was made with
    (Intuit, "Webhooks": `intuit-signature` is made of the body as it was sent).
    """
    given = signature.strip().encode("utf-8", "replace")
    matches = [hmac.compare_digest(given, _signature(body, each)) for each in verifiers]
    return any(matches)


def _signature(body: bytes, verifier: str) -> bytes:
    return base64.b64encode(hmac.new(verifier.encode(), body, hashlib.sha256).digest())
