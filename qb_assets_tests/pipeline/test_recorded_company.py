"""A real company's books by the commands of a newcomer, proven by another reader, on a disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qb_assets.lake.store import Lake
from qb_assets_tests.pipeline import secrets_found
from qb_assets_tests.pipeline.commands import Company, sandbox_command
from qb_assets_tests.pipeline.recorded import DAYS, proven
from qb_assets_tests.pipeline.surroundings import Surroundings

FIRST, LAST = DAYS


@pytest.fixture(scope="module")
def company(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("recorded")
    with sandbox_command(folder, "--company", str(shared_data / "company")) as sandbox:
        company = Company(Surroundings(folder, "2026-05-26"), sandbox)
        company.connect()
        company.materialize(FIRST, LAST)
        yield company


def test_commands_end_well_and_every_check_passes(company: Company) -> None:
    connected, materialized = company.done[:2]
    assert connected.returncode == 0, connected.stderr
    assert company.realm in connected.stdout
    assert materialized.returncode == 0, materialized.stdout + materialized.stderr
    assert " 0 failed, 0 warned" in materialized.stdout
    assert "RED" not in materialized.stdout
    assert materialized.stderr == ""


def test_warehouse_is_the_json_value_by_value(company: Company, shared_data: Path) -> None:
    expected = proven(company, shared_data / "company")
    # What was looked at, so that an empty comparison cannot pass.
    assert len(expected.rows["invoice"]) == 31
    assert expected.elements > 400
    assert expected.scalars > 9_000
    assert expected.amounts > 1_000


def test_same_command_again_changes_nothing(company: Company) -> None:
    objects = company.surroundings.objects()
    with company.surroundings.warehouse() as warehouse:
        content = warehouse.content()
    again = company.materialize(FIRST, LAST)
    assert again.returncode == 0, again.stdout + again.stderr
    assert " 0 failed, 0 warned" in again.stdout
    after = company.surroundings.objects()
    assert after.keys() == objects.keys()
    raw = {path: tag for path, tag in objects.items() if path.startswith("raw/")}
    assert raw
    assert raw == {path: after[path] for path in raw}
    with company.surroundings.warehouse() as warehouse:
        assert warehouse.content() == content


def test_no_secret_is_anywhere(company: Company) -> None:
    secrets = company.secrets()
    assert all(len(secret) > 20 for secret in secrets)
    said = {
        f"{place} {name}": text
        for place, done in enumerate(company.done)
        for name, text in (("stdout", done.stdout), ("stderr", done.stderr))
    }
    assert list(secrets_found.in_text(secrets, said)) == []
    folder = company.surroundings.folder
    logs = list((folder / ".data").rglob("*.err"))
    assert logs, "the logs of the steps are elsewhere"
    lake = Lake.open(company.surroundings.env["QB_LAKE_URL"])
    assert list(secrets_found.in_lake(secrets, lake)) == []
    # In all files of the run; that the search finds what is there shows in the sandbox's own file.
    assert list(secrets_found.in_files(secrets, folder)) == [str(folder / "sandbox.env")]
