"""Everything a run needs in a folder of its own, for commands and for runs in this process."""

import os
import subprocess
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from qb_assets.automation.headless import Outcome, materialize, run_checks
from qb_assets.automation.home import open_instance
from qb_assets.catalog import ENTITIES, Entity
from qb_assets.definitions import build_definitions
from qb_assets.lake.store import Lake
from qb_assets.partitions import COMPANY_DIMENSION, Calendar
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.sandbox.process import SandboxProcess
from qb_assets_tests.pipeline.truth import Warehouse

ZONE = "America/Los_Angeles"
COMMAND = Path(sys.executable).with_name("qb-assets")
_OURS = ("QB_", "AWS_", "DAGSTER_", "COLUMNS")


def foreign_environment() -> dict[str, str]:
    """This process's environment without anything that steers qb_assets."""
    return {name: text for name, text in os.environ.items() if not name.startswith(_OURS)}


class Surroundings:
    """A lake, a warehouse, a token store and a Dagster home in one folder, and their variables."""

    def __init__(self, folder: Path, start: str, more: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.warehouse_file = folder / "warehouse.duckdb"
        self.env = {
            "DAGSTER_HOME": str(self.home),
            "QB_TOKEN_STORE": str(folder / "tokens"),
            "QB_LAKE_URL": (folder / "lake").as_uri(),
            "QB_WAREHOUSE_URL": f"duckdb:///{self.warehouse_file}",
            "QB_START_DATE": start,
            "QB_TIMEZONE": ZONE,
            "COLUMNS": "400",
            **(more or {}),
        }

    def command(
        self, *words: str, env: Mapping[str, str] | None = None, typed: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Runs `qb-assets` as a person does, in the folder; variables set to "" are unset."""
        values = {**foreign_environment(), **self.env, **(env or {})}
        return subprocess.run(
            [str(COMMAND), *words],
            cwd=self.folder,
            env={name: text for name, text in values.items() if text},
            input=typed,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )

    def warehouse(self) -> Warehouse:
        """The warehouse, for reading."""
        return Warehouse(self.warehouse_file)

    def objects(self) -> dict[str, tuple[int, str | None]]:
        """Every object of the lake: its size and e-tag by path."""
        lake = Lake.open(self.env["QB_LAKE_URL"])
        return {found.path: (found.size, found.e_tag) for found in lake.list()}


class Pipeline:
    """Runs of chosen entities in this process, against a sandbox."""

    def __init__(
        self,
        surroundings: Surroundings,
        sandbox: SandboxProcess,
        entities: Sequence[Entity],
        instance: dg.DagsterInstance,
    ) -> None:
        self.surroundings = surroundings
        self.sandbox = sandbox
        self.company = sandbox.realm_id
        self.instance = instance
        start = date.fromisoformat(surroundings.env["QB_START_DATE"])
        self.calendar = Calendar(start, ZoneInfo(surroundings.env["QB_TIMEZONE"]))
        self.defs = build_definitions(entities=entities, calendar=self.calendar)
        self.lake = Lake.open(surroundings.env["QB_LAKE_URL"])

    def run(
        self, first: date | None = None, last: date | None = None, select: Sequence[str] = ()
    ) -> Outcome:
        """Materializes days, by default all there are."""
        return materialize(
            self.defs,
            self.instance,
            self.calendar,
            self.company,
            first or self.calendar.start,
            last or self.calendar.today(),
            select=select,
        )

    def check(self, *select: str, window: Mapping[str, str] | None = None) -> Outcome:
        """Runs checks by themselves."""
        return run_checks(self.defs, self.instance, select=select, window=window)


@contextmanager
def pipeline(
    folder: Path, sandbox: SandboxProcess, entities: Sequence[str | Entity], start: str
) -> Generator[Pipeline]:
    """A connected company in surroundings of its own, which this process's environment names."""
    surroundings = Surroundings(folder, start)
    chosen = [ENTITIES[each] if isinstance(each, str) else each for each in entities]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)  # where the logs of steps are kept
        for name in set(os.environ) - set(foreign_environment()):
            patch.delenv(name)
        for name, text in {**sandbox.env, **surroundings.env}.items():
            patch.setenv(name, text)
        resource = QuickBooksResource()
        connect_with_refresh_token(
            resource.settings(),
            resource.token_store(),
            sandbox.realm_id,
            sandbox.env["QB_REFRESH_TOKEN"],
        )
        with open_instance() as instance:
            instance.add_dynamic_partitions(COMPANY_DIMENSION, [sandbox.realm_id])
            yield Pipeline(surroundings, sandbox, chosen, instance)


def red(outcome: Outcome) -> dict[str, dg.AssetCheckEvaluation]:
    """The checks that failed with severity ERROR, by `asset:check`."""
    return {f"{c.asset_key.to_user_string()}:{c.check_name}": c for c in outcome.red}


def keys_of(check: dg.AssetCheckEvaluation) -> list[dict[str, object]]:
    """The keys that a check lists."""
    keys = check.metadata["keys"]
    assert isinstance(keys, dg.TableMetadataValue)
    return [dict(record.data) for record in keys.records]
