"""Which addresses of files may be asked.

An address comes in an answer, so it could lead anywhere: to a machine of this network, or to a host
that logs what it is asked. Only domains that keep QuickBooks' files are asked, by https, and the
API's own host in the way that the API is.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from qb_assets.quickbooks.faults import LinkNotTrusted
from qb_assets.quickbooks.settings import Settings

_LINK = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?/[!-\[\]-~]*")
"""No user, no characters that programs read in different ways."""

_HTTPS = ("https", 443)


def check_link(link: str, settings: Settings) -> None:
    """Raises LinkNotTrusted for an address that must not be asked; it names the host alone."""
    origin = _origin(link) if _LINK.fullmatch(link) else None
    if origin is None:
        raise LinkNotTrusted("the address of a file is not written as addresses are")
    if origin == _origin(settings.base_url):
        return
    scheme, host, port = origin
    if (scheme, port) != _HTTPS:
        raise LinkNotTrusted(f"the address of a file on {host} is not https on port 443")
    if not any(host == name or host.endswith(f".{name}") for name in settings.file_hosts):
        raise LinkNotTrusted(f"the address of a file leads to {host}")


def _origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None where there can be no such port."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        return None
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    return parts.scheme, (parts.hostname or "").rstrip("."), port
