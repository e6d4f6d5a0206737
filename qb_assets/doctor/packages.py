"""Whether Python and the packages are those that this version was tested with."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding

NAME = "packages"
DISTRIBUTION = "qb_assets"


def check_packages(_deployment: Deployment) -> Iterator[Finding]:
    """Compares what is installed with what the distribution of qb_assets asks for."""
    about = metadata.metadata(DISTRIBUTION)
    yield python_version(platform.python_version(), about["Requires-Python"] or "")
    wanted = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or ()]
    yield from package_versions(wanted, installed_version)


def python_version(running: str, required: str) -> Finding:
    """Whether a version of Python is one of those required, such as `>=3.10`."""
    if SpecifierSet(required).contains(running, prereleases=True):
        return Finding(NAME, "green", f"Python {running}.")
    return Finding(
        NAME,
        "red",
        f"Python is {running}, and qb_assets needs {required}.",
        "Make the virtual environment anew with such a Python: make clean, then make demo.",
    )


def package_versions(
    wanted: Iterable[Requirement], installed: Callable[[str], str | None]
) -> Iterator[Finding]:
    """A finding for each package that is missing or of another version, or one that none is."""
    needed = [each for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    wrong = 0
    for each in needed:
        found = installed(each.name)
        if found is not None and each.specifier.contains(found, prereleases=True):
            continue
        wrong += 1
        what = "is not installed" if found is None else f"is of version {found}"
        yield Finding(
            NAME,
            "red",
            f"The package {each.name} {what}; qb_assets needs {each.name}{each.specifier}.",
            f"Install the right one: pip install '{each.name}{each.specifier}'",
        )
    if not wrong:
        yield Finding(NAME, "green", f"All {len(needed)} packages are of the versions asked for.")


def installed_version(name: str) -> str | None:
    """The version of an installed package, None where there is none."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
