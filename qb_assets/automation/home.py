"""Which Dagster instance the commands use: the one that the UI shows."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

CONFIG = "dagster.yaml"


def use_dagster_home() -> Path:
    """Sets DAGSTER_HOME where it is unset, and gives the folder it names.

    The folder is this one if it has a dagster.yaml, else the one of the source tree, else
    ~/.qb_assets. A folder without a dagster.yaml gets the project's, so that the storage is
    the same wherever the commands are run.
    """
    home = Path(os.environ.get("DAGSTER_HOME") or _default()).expanduser().resolve()
    home.mkdir(parents=True, exist_ok=True)
    template = _template()
    if not (home / CONFIG).exists() and template is not None:
        (home / CONFIG).write_text(template.read_text())
    os.environ["DAGSTER_HOME"] = str(home)
    return home


def open_instance() -> dg.DagsterInstance:
    """The instance of DAGSTER_HOME."""
    use_dagster_home()
    return dg.DagsterInstance.get()


def _default() -> Path:
    tree = Path(__file__).resolve().parents[2]
    for folder in (Path.cwd(), tree):
        if (folder / CONFIG).exists() and (folder / "workspace.yaml").exists():
            return folder
    return Path("~/.qb_assets")


def _template() -> Path | None:
    """The project's dagster.yaml: beside the package in a source tree, in it when installed."""
    package = Path(__file__).resolve().parents[1]
    return next((p for p in (package / CONFIG, package.parent / CONFIG) if p.exists()), None)
