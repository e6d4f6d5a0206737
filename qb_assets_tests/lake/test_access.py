"""Endpoint, region and credentials come from where every AWS tool takes them."""

import json
import sys
from pathlib import Path

import pytest

from qb_assets.lake.access import s3_access
from qb_assets.lake.errors import LakeUnavailable
from qb_assets.lake.store import Lake
from qb_assets.sandbox.object_store import SeaweedServer

AWS = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"),
)


@pytest.fixture(autouse=True)
def no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in AWS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_the_environment(monkeypatch: pytest.MonkeyPatch, seaweed: SeaweedServer) -> None:
    for name, value in seaweed.env.items():
        monkeypatch.setenv(name, value)
    lake = Lake.open(seaweed.env["QB_LAKE_URL"])
    lake.probe()


def test_endpoint_and_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://all.example")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    access = s3_access(unsigned=True)
    assert (access.endpoint, access.region) == ("https://all.example", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://only-s3.example")
    access = s3_access(unsigned=True)
    assert (access.endpoint, access.allow_http) == ("http://only-s3.example", True)
    monkeypatch.delenv("AWS_REGION")
    access = s3_access(unsigned=True, endpoint_url="https://given.example")
    assert (access.endpoint, access.region) == ("https://given.example", "us-west-2")


def test_aws_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    access = s3_access(unsigned=True)
    assert access.endpoint == "https://s3.eu-west-1.amazonaws.com"
    assert not access.allow_http


def test_a_given_endpoint_wins_over_the_environment(
    monkeypatch: pytest.MonkeyPatch, seaweed: SeaweedServer
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    access = s3_access(
        endpoint_url=seaweed.endpoint,
        aws_access_key_id=seaweed.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=seaweed.env["AWS_SECRET_ACCESS_KEY"],
    )
    Lake.open("s3://lake/given", access).probe()


def test_no_credentials() -> None:
    with pytest.raises(LakeUnavailable, match="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        Lake.open("s3://lake/x")


def test_no_such_profile() -> None:
    with pytest.raises(LakeUnavailable, match="ProfileNotFound"):
        s3_access(profile_name="nobody")


def test_temporary_credentials_are_renewed(tmp_path: Path, seaweed: SeaweedServer) -> None:
    """A profile whose program gives out credentials that end within a minute."""
    calls = tmp_path / "calls"
    answer: dict[str, object] = {
        "Version": 1,
        "AccessKeyId": seaweed.env["AWS_ACCESS_KEY_ID"],
        "SecretAccessKey": seaweed.env["AWS_SECRET_ACCESS_KEY"],
    }
    program = tmp_path / "program.py"
    program.write_text(
        "import datetime, json, pathlib\n"
        f"answer = json.loads({json.dumps(answer)!r})\n"
        f"pathlib.Path({str(calls)!r}).open('a').write('x')\n"
        "end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=60)\n"
        "print(json.dumps({**answer, 'Expiration': end.isoformat()}))\n"
    )
    (tmp_path / "config").write_text(
        f"[profile renewed]\nendpoint_url = {seaweed.endpoint}\nregion = us-east-1\n"
        f"credential_process = {sys.executable} {program}\n"
    )
    access = s3_access(profile_name="renewed")
    assert access.provider is not None
    before = len(calls.read_text())
    first, second = access.provider(), access.provider()
    assert len(calls.read_text()) > before
    assert first["access_key_id"] == second["access_key_id"] == answer["AccessKeyId"]
    assert first["expires_at"] is not None
    Lake.open("s3://lake/renewed", access).probe()


def test_repr_shows_no_secret(seaweed: SeaweedServer) -> None:
    access = s3_access(
        endpoint_url=seaweed.endpoint, aws_access_key_id="AKIAKEY", aws_secret_access_key="secret1"
    )
    lake = Lake.open("s3://lake/x", access)
    assert "secret1" not in repr(access) + repr(lake)
    assert "AKIAKEY" not in repr(access) + repr(lake)
