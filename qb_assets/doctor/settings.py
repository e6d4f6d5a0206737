"""Whether the settings make sense: the app's keys, the days, and who can read the secrets."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.settings import BASE_URLS, Settings
from qb_assets.quickbooks.tokens import Reopenable

SETTINGS, CALENDAR, SECRETS = "settings", "calendar", "secrets"

_SECRET_FILES = ("QB_CLIENT_SECRET_FILE", "QB_TOKEN_KEY_FILE", "QB_REFRESH_TOKEN_FILE")
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_ALL_READ = stat.S_IROTH
_GROUP_READS = stat.S_IRGRP


def check_settings(deployment: Deployment) -> Iterator[Finding]:
    """Reads the app's keys, the environment and the hosts."""
    yield hosts(deployment.settings)


def hosts(settings: Settings) -> Finding:
    """Whether the API's host is of the environment that the keys and tokens are of."""
    others = {url: name for name, url in BASE_URLS.items() if name != settings.environment}
    other = others.get(settings.base_url)
    if other is None:
        host = urlsplit(settings.base_url).netloc.rpartition("@")[2]
        said = f"The app's keys are set; the environment is {settings.environment}, at {host}."
        return Finding(SETTINGS, "green", said)
    return Finding(
        SETTINGS,
        "red",
        f"QB_ENVIRONMENT is {settings.environment}, and QB_BASE_URL is the host of {other}.",
        "Leave QB_BASE_URL unset, or set QB_ENVIRONMENT to the environment of the app's keys.",
    )


def check_calendar(deployment: Deployment) -> Iterator[Finding]:
    """Reads the first day and the time zone."""
    calendar = deployment.calendar
    yield start_date(calendar, calendar.today(deployment.now))
    yield time_zone(calendar, os.environ)


def start_date(calendar: Calendar, today: date) -> Finding:
    """Whether the first partition has come."""
    if calendar.start <= today:
        return Finding(CALENDAR, "green", f"The first partition is {calendar.start}.")
    return Finding(
        CALENDAR,
        "red",
        f"The first partition, {calendar.start}, is still to come: nothing is fetched until then.",
        "Set QB_START_DATE to a day that is past, and leave it so.",
    )


def time_zone(calendar: Calendar, environ: Mapping[str, str]) -> Finding:
    """Whether somebody has said where the companies are: it decides which day a change is of."""
    zone = calendar.zone.key
    if environ.get("QB_TIMEZONE"):
        return Finding(CALENDAR, "green", f"Days are those of {zone}.")
    return Finding(
        CALENDAR,
        "yellow",
        f"QB_TIMEZONE is not set, so days are those of {zone}.",
        f"Set QB_TIMEZONE to the companies' time zone; to {zone} if that is right.",
    )


def check_secrets(deployment: Deployment) -> Iterator[Finding]:
    """Looks at the modes of the files and folders that hold secrets."""
    if os.name == "nt":  # who may read a file is told otherwise there
        return
    found = {path.resolve() for path in secret_files(deployment) if path.exists()}
    exposed = [finding for path in sorted(found) if (finding := exposure(path, _mode(path)))]
    yield from exposed
    if not exposed:
        places = ", ".join(map(str, sorted(found))) or "no file"
        yield Finding(SECRETS, "green", f"Others cannot read the secrets in {places}.")


def secret_files(deployment: Deployment) -> Iterator[Path]:
    """Where secrets may be in files, whether they are there or not."""
    home = os.environ.get("DAGSTER_HOME")
    yield Path(".env")
    if home:
        yield Path(home, ".env")
    for name in _SECRET_FILES:
        if given := os.environ.get(name, "").strip():
            yield Path(given).expanduser()
    store = deployment.store
    if isinstance(store, Reopenable):
        parts = urlsplit(store.recipe().url)
        if parts.scheme == "file":
            yield Path(unquote(parts.path))


def exposure(path: Path, mode: int) -> Finding | None:
    """A finding where others than its owner can read or change a file or folder."""
    who = "can be changed by other users" if mode & _OTHERS_WRITE else ""
    if mode & _ALL_READ:
        who = "can be read by every user of this machine"
    elif mode & _GROUP_READS and not who:
        who = "can be read by the users of its group"
    if not who:
        return None
    level = "yellow" if mode & (_OTHERS_WRITE | _ALL_READ) == 0 else "red"
    wanted = "700" if stat.S_ISDIR(mode) else "600"
    return Finding(
        SECRETS,
        level,
        f"{path} holds secrets and {who}.",
        f"Run: chmod {wanted} '{path}'. If others use this machine, make new secrets as well.",
    )


def _mode(path: Path) -> int:
    return path.stat().st_mode
