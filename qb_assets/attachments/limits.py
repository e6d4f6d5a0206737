"""Which files are fetched: how large they may be, and of which types."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from qb_assets.quickbooks.faults import ConfigurationError

MEGABYTE = 1_000_000
DEFAULT_MAX_MB = 25.0
DEFAULT_SECONDS = 300.0

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"

TYPES: Mapping[str, tuple[str, ...]] = {
    "ai": ("application/postscript", "application/illustrator"),
    "bmp": ("image/bmp", "image/x-ms-bmp"),
    "csv": ("text/csv", "application/csv", "application/vnd.ms-excel"),
    "doc": ("application/msword",),
    "docx": (_WORD,),
    "eml": ("message/rfc822",),
    "eps": ("application/postscript", "application/eps", "image/eps"),
    "gif": ("image/gif",),
    "heic": ("image/heic", "image/heif"),
    "jpeg": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "jpg": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "msg": ("application/vnd.ms-outlook",),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet",),
    "odt": ("application/vnd.oasis.opendocument.text",),
    "pdf": ("application/pdf", "application/x-pdf"),
    "png": ("image/png", "image/x-png"),
    "pptx": (_SLIDES,),
    "rtf": ("text/rtf", "application/rtf"),
    "tif": ("image/tif", "image/tiff"),
    "tiff": ("image/tif", "image/tiff"),
    "txt": ("text/plain",),
    "webp": ("image/webp",),
    "xls": ("application/vnd.ms-excel", "application/vnd/ms-excel"),
    "xlsx": (_SHEET,),
    "xml": ("text/xml", "application/xml"),
    "zip": ("application/zip", "application/x-zip-compressed"),
}
"""The extensions that can be allowed, and the content types that files of each come with."""

DEFAULT_TYPES = (
    *("ai", "csv", "doc", "docx", "eps", "gif", "jpeg", "jpg", "ods", "pdf", "png", "rtf"),
    *("tif", "tiff", "txt", "xls", "xlsx", "xml"),
    *("bmp", "heic", "odt", "webp"),
)
"""What Intuit's "Attachable" documents that QuickBooks takes, and what phones and offices make."""

_SAYS_NOTHING = frozenset({"", "application/octet-stream", "binary/octet-stream"})


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What is fetched: files of at most so many bytes, whose extension and content type are
    allowed, each within so many seconds a try. Everything else is refused, not fetched."""

    max_bytes: int = int(DEFAULT_MAX_MB * MEGABYTE)
    types: frozenset[str] = frozenset(DEFAULT_TYPES)
    seconds: float = DEFAULT_SECONDS

    @classmethod
    def from_environment(
        cls,
        environ: Mapping[str, str] | None = None,
        *,
        max_mb: float | None = None,
        types: Iterable[str] | None = None,
    ) -> FileLimits:
        """QB_ATTACHMENT_MAX_MB, QB_ATTACHMENT_TYPES and QB_ATTACHMENT_TIMEOUT; what is given here
        goes before them. Raises ConfigurationError for what makes no sense."""
        values = os.environ if environ is None else environ
        asked = values.get("QB_ATTACHMENT_TYPES", "").replace(",", " ").split()
        size = max_mb
        if size is None:
            size = _number(values, "QB_ATTACHMENT_MAX_MB", DEFAULT_MAX_MB)
        return cls(
            max_bytes=_bytes(size),
            types=_known(asked or DEFAULT_TYPES if types is None else types),
            seconds=_number(values, "QB_ATTACHMENT_TIMEOUT", DEFAULT_SECONDS),
        )

    def admits_name(self, file_name: str) -> bool:
        """Whether a file may be fetched by its extension; one without is known by its type."""
        extension = PurePosixPath(file_name.strip()).suffix.lower().removeprefix(".")
        return not extension or extension in self.types

    def admits_type(self, content_type: str) -> bool:
        """Whether a file may be fetched by what is said of its content."""
        said = content_type.partition(";")[0].strip().lower()
        return said in _SAYS_NOTHING or any(said in TYPES[name] for name in self.types)


def _known(types: Iterable[str]) -> frozenset[str]:
    named = frozenset(each.strip().lower().removeprefix(".") for each in types)
    unknown = sorted(named - set(TYPES))
    if unknown or not named:
        raise ConfigurationError(
            f"no type of files is called {', '.join(unknown) or 'nothing'}",
            what_to_do=f"QB_ATTACHMENT_TYPES takes extensions of {', '.join(TYPES)}.",
        )
    return named


def _bytes(megabytes: float) -> int:
    if not 0 < megabytes <= 1_000:
        raise ConfigurationError(
            "the largest size of a file is not above 0 and up to 1,000 MB",
            what_to_do=f"Set QB_ATTACHMENT_MAX_MB to a number such as {DEFAULT_MAX_MB:g}.",
        )
    return int(megabytes * MEGABYTE)


def _number(values: Mapping[str, str], name: str, default: float) -> float:
    try:
        number = float(values.get(name) or default)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ConfigurationError(
            f"{name} is not a number above 0",
            what_to_do=f"Set it to a number such as {default:g}, or leave it unset.",
        )
    return number
