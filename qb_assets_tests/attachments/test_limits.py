"""Which files are fetched, by settings of the environment."""

import pytest

from qb_assets.attachments.limits import TYPES, FileLimits
from qb_assets.quickbooks.faults import ConfigurationError


def test_the_defaults_are_documents_and_images_of_25_mb() -> None:
    limits = FileLimits.from_environment({})
    assert (limits.max_bytes, limits.seconds) == (25_000_000, 300.0)
    for name in ("a.pdf", "b.JPG", "Scan 7 .tiff", "c.xlsx", "without an extension"):
        assert limits.admits_name(name)
    for name in ("a.exe", "a.pdf.js", "b.html", "c.svg", "d.zip", "e.docm"):
        assert not limits.admits_name(name)
    for kind in ("", "application/pdf", "IMAGE/JPG", "text/csv; charset=utf-8", "image/tif"):
        assert limits.admits_type(kind)
    for kind in ("text/html", "application/x-msdownload", "application/zip", "image/svg+xml"):
        assert not limits.admits_type(kind)


def test_the_environment_and_then_what_is_asked_decide() -> None:
    environ = {
        "QB_ATTACHMENT_MAX_MB": "0.5",
        "QB_ATTACHMENT_TYPES": ".PDF, zip",
        "QB_ATTACHMENT_TIMEOUT": "20",
    }
    limits = FileLimits.from_environment(environ)
    assert limits == FileLimits(500_000, frozenset({"pdf", "zip"}), 20.0)
    asked = FileLimits.from_environment(environ, max_mb=100, types=["png"])
    assert asked == FileLimits(100_000_000, frozenset({"png"}), 20.0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QB_ATTACHMENT_MAX_MB", "0"),
        ("QB_ATTACHMENT_MAX_MB", "1e9"),
        ("QB_ATTACHMENT_MAX_MB", "much"),
        ("QB_ATTACHMENT_TYPES", "pdf cobol"),
        ("QB_ATTACHMENT_TIMEOUT", "-1"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        FileLimits.from_environment({name: value})
    assert name in str(caught.value)


def test_every_type_has_its_content_types_in_lower_case() -> None:
    assert all(kinds and kind == kind.lower() for kinds in TYPES.values() for kind in kinds)
