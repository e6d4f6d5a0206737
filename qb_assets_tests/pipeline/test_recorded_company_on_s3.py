"""A real company's books by the commands of a newcomer, proven by another reader, on real S3."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qb_assets.lake.access import s3_access
from qb_assets.lake.store import Lake
from qb_assets.sandbox.object_store import SeaweedServer
from qb_assets_tests.pipeline import secrets_found
from qb_assets_tests.pipeline.commands import Company, sandbox_command
from qb_assets_tests.pipeline.recorded import DAYS, proven
from qb_assets_tests.pipeline.surroundings import Surroundings


@pytest.fixture(scope="module")
def company(
    shared_data: Path, seaweed: SeaweedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("recorded")
    url = f"s3://{seaweed.bucket}/the-whole-way"
    with sandbox_command(folder, "--company", str(shared_data / "company")) as sandbox:
        surroundings = Surroundings(folder, "2026-06-29", {**seaweed.env, "QB_LAKE_URL": url})
        company = Company(surroundings, sandbox)
        company.connect()
        company.materialize(*DAYS)
        yield company


def test_every_check_passes_and_every_value_is_the_json(
    company: Company, shared_data: Path
) -> None:
    connected, materialized = company.done
    assert connected.returncode == 0, connected.stderr
    assert materialized.returncode == 0, materialized.stdout + materialized.stderr
    assert " 0 failed, 0 warned" in materialized.stdout
    assert not (company.surroundings.folder / "lake").exists()
    expected = proven(company, shared_data / "company")
    assert len(expected.rows["invoice"]) == 31
    assert expected.scalars > 9_000


def test_no_secret_is_in_the_lake_or_in_the_logs(company: Company, seaweed: SeaweedServer) -> None:
    access = s3_access(
        endpoint_url=seaweed.endpoint,
        region_name=seaweed.env["AWS_REGION"],
        aws_access_key_id=seaweed.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=seaweed.env["AWS_SECRET_ACCESS_KEY"],
    )
    lake = Lake.open(company.surroundings.env["QB_LAKE_URL"], access)
    assert len(lake.list("raw")) > 17
    secrets = [*company.secrets(), seaweed.env["AWS_SECRET_ACCESS_KEY"]]
    assert list(secrets_found.in_lake(secrets, lake)) == []
    folder = company.surroundings.folder
    assert list(secrets_found.in_files(secrets, folder)) == [str(folder / "sandbox.env")]
    said = {done.args[1]: done.stdout + done.stderr for done in company.done}
    assert list(secrets_found.in_text(secrets, said)) == []
