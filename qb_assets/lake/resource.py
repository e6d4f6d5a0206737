"""The lake as a Dagster resource."""

import os
from functools import cache
from pathlib import Path

import dagster as dg
from dagster_aws.s3 import S3Resource
from pydantic import Field

from qb_assets.lake.access import s3_access
from qb_assets.lake.store import Lake


class LakeResource(dg.ConfigurableResource["LakeResource"]):
    """Where the lake is, and for S3 how it is reached.

    Making one touches no disk and no network; `open` does. Without `s3` the endpoint, region and
    credentials come from the environment, the AWS configuration files or the machine's role.
    """

    url: str = Field(
        default="",
        description="file:///a/folder or s3://bucket/prefix. When it is empty: QB_LAKE_URL, else "
        "the folder .data/lake where the process was started.",
    )
    s3: S3Resource | None = Field(
        default=None,
        description="Endpoint, region and credentials, where the usual AWS ways (AWS_ variables, "
        "profile, role) are not to be used.",
    )

    def address(self) -> str:
        """The lake's address, as configured or by default."""
        return self.url or os.environ.get("QB_LAKE_URL") or (Path.cwd() / ".data/lake").as_uri()

    def open(self) -> Lake:
        """The lake, opened once per process and configuration. Raises LakeUnavailable."""
        aws = frozenset(item for item in os.environ.items() if item[0].startswith("AWS_"))
        s3 = self.s3
        return _open(self.address(), aws, None if s3 is None else s3.model_dump_json())


@cache
def _open(url: str, aws: frozenset[tuple[str, str]], s3: str | None) -> Lake:
    """Open a lake; `aws` is only there so that another environment is another lake."""
    del aws
    if s3 is None or not url.startswith("s3://"):
        return Lake.open(url)
    given = S3Resource.model_validate_json(s3)
    return Lake.open(
        url,
        s3_access(
            endpoint_url=given.endpoint_url,
            region_name=given.region_name,
            profile_name=given.profile_name,
            aws_access_key_id=given.aws_access_key_id,
            aws_secret_access_key=given.aws_secret_access_key,
            aws_session_token=given.aws_session_token,
            unsigned=given.use_unsigned_session,
            use_ssl=given.use_ssl,
            verify_tls=given.verify is not False,
        ),
        retries=given.max_attempts,
    )
