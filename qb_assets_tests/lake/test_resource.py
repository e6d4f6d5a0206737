"""The lake in Dagster: configured late, opened once, reached the usual AWS ways."""

from pathlib import Path

import dagster as dg
import pytest
from dagster_aws.s3 import S3Resource

from qb_assets.lake.resource import LakeResource
from qb_assets.lake.store import Lake
from qb_assets.sandbox.object_store import SeaweedServer

opened: list[Lake] = []


@dg.asset
def written(lake: LakeResource) -> None:
    opened.append(lake.open())
    lake.open().replace("a", b"1")


def run(resource: LakeResource) -> Lake:
    opened.clear()
    assert dg.materialize([written], resources={"lake": resource}).success
    return opened[0]


def test_the_default_is_a_folder_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("QB_LAKE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    resource = LakeResource()
    dg.Definitions(assets=[written], resources={"lake": resource}).resolve_asset_graph()
    assert list(tmp_path.iterdir()) == []
    assert run(resource).url == (tmp_path / ".data" / "lake").as_uri()
    assert (tmp_path / ".data" / "lake" / "a").read_bytes() == b"1"


def test_the_environment_is_read_when_it_is_opened(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    resource = LakeResource()
    monkeypatch.setenv("QB_LAKE_URL", f"file://{tmp_path}/lake")
    assert run(resource).url == f"file://{tmp_path}/lake"
    assert run(LakeResource(url=f"{tmp_path}/other")).url == f"file://{tmp_path}/other"


def test_definitions_load_with_a_lake_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    resource = LakeResource(url=f"{tmp_path}/file/lake")
    dg.Definitions(assets=[written], resources={"lake": resource}).resolve_asset_graph()


def test_it_is_opened_once(tmp_path: Path) -> None:
    url = f"{tmp_path}/lake"
    assert LakeResource(url=url).open() is LakeResource(url=url).open()
    assert LakeResource(url=url).open() is not LakeResource(url=f"{tmp_path}/other").open()


def test_s3_by_the_environment(monkeypatch: pytest.MonkeyPatch, seaweed: SeaweedServer) -> None:
    for name, value in seaweed.env.items():
        monkeypatch.setenv(name, value)
    lake = run(LakeResource())
    assert lake.url == seaweed.env["QB_LAKE_URL"]
    assert lake.read("a") == b"1"
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert LakeResource().open() is not lake


def test_s3_by_the_nested_resource(monkeypatch: pytest.MonkeyPatch, seaweed: SeaweedServer) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    monkeypatch.setenv("THE_SECRET", seaweed.env["AWS_SECRET_ACCESS_KEY"])
    s3 = S3Resource(
        endpoint_url=seaweed.endpoint,
        region_name="us-east-1",
        aws_access_key_id=seaweed.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=dg.EnvVar("THE_SECRET"),
    )
    lake = run(LakeResource(url="s3://lake/nested", s3=s3))
    assert lake.read("a") == b"1"
