"""How to reach S3: endpoint, region and credentials, found the way every AWS tool finds them."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qb_assets.lake.errors import LakeUnavailable

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config, S3Credential

# botocore renews temporary credentials at the latest 10 minutes before they end
# (botocore.credentials.RefreshableCredentials._mandatory_refresh_timeout), so what it gives out
# is good for at least this long.
_GOOD_FOR = timedelta(minutes=10)


@dataclass(frozen=True)
class S3Access:
    """Where an S3 server is, and who asks. Nothing that is secret shows in its repr.

    `provider` gives the credentials anew each time they are about to end; without it the three
    fixed ones are used. `unsigned` asks as nobody, for public buckets.
    """

    # It may be written with a user and a password in it; `server` is for showing.
    endpoint: str = field(repr=False)
    region: str = "us-east-1"
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    provider: "Callable[[], S3Credential] | None" = field(default=None, repr=False)
    unsigned: bool = False
    verify_tls: bool = True

    @property
    def allow_http(self) -> bool:
        """Whether the endpoint was given as plain http://, which is then what is spoken."""
        return self.endpoint.startswith("http://")

    @property
    def server(self) -> str:
        """The endpoint as it may be shown: scheme, host and port, without a user or a path."""
        parts = urlsplit(self.endpoint)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    def config(self) -> "S3Config":
        """obstore's settings for this server."""
        # The service's own key wins over every AWS_ENDPOINT… that obstore finds by itself.
        config: S3Config = {"aws_endpoint_url_s3": self.endpoint, "region": self.region}
        if self.unsigned:
            config["skip_signature"] = True
        elif self.provider is None:
            config["access_key_id"] = self.access_key_id
            config["secret_access_key"] = self.secret_access_key
            if self.session_token:
                config["session_token"] = self.session_token
        return config

    def client(self) -> "ClientConfig":
        """obstore's settings for its HTTP client."""
        return {
            "allow_http": self.allow_http,
            "allow_invalid_certificates": not self.verify_tls,
            "connect_timeout": "5s",
            # One request carries one whole object, in either direction.
            "timeout": "300s",
        }


def s3_access(
    *,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    profile_name: str | None = None,
    aws_access_key_id: str | None = None,
    aws_secret_access_key: str | None = None,
    aws_session_token: str | None = None,
    unsigned: bool = False,
    use_ssl: bool = True,
    verify_tls: bool = True,
) -> S3Access:
    """Resolve endpoint, region and credentials with boto3, whose rules every AWS tool follows.

    What is not given comes from the environment (AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
    AWS_REGION, AWS_DEFAULT_REGION, AWS_PROFILE, AWS_ACCESS_KEY_ID, …), the AWS configuration
    files, or the role of the container or machine. Temporary credentials are renewed.

    Raises LakeUnavailable when boto3 finds no credentials, or no such profile.
    """
    # boto3 has no types of its own, and takes a while to import: only those on S3 wait for it.
    boto3: Any = import_module("boto3")
    failures: Any = import_module("botocore.exceptions")
    try:
        session = boto3.Session(
            profile_name=profile_name,
            # boto3 itself reads only AWS_DEFAULT_REGION; the other AWS tools read this one first.
            region_name=region_name or os.environ.get("AWS_REGION") or None,
            aws_access_key_id=aws_access_key_id,
            aws_secret_access_key=aws_secret_access_key,
            aws_session_token=aws_session_token,
        )
        client = session.client("s3", endpoint_url=endpoint_url, use_ssl=use_ssl)
        credentials = None if unsigned else session.get_credentials()
    except (failures.BotoCoreError, ValueError) as error:
        raise LakeUnavailable(
            f"The AWS settings for the lake cannot be used ({type(error).__name__}): check "
            "AWS_PROFILE, AWS_ENDPOINT_URL, AWS_REGION and the AWS configuration files."
        ) from None
    if credentials is None and not unsigned:
        raise LakeUnavailable(
            "No AWS credentials were found for the lake: set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, choose an AWS_PROFILE, or run with a role that has them."
        )
    return S3Access(
        endpoint=str(client.meta.endpoint_url),
        region=str(client.meta.region_name),
        provider=None if unsigned else _renewing(credentials),
        unsigned=unsigned,
        verify_tls=verify_tls,
    )


def _renewing(credentials: Any) -> "Callable[[], S3Credential]":
    """Hand botocore's credentials to obstore, which asks again before they end.

    obstore's own `obstore.auth.boto3` does the same but claims 30 minutes for each answer, which
    is longer than botocore promises.
    """

    def provide() -> "S3Credential":
        now = credentials.get_frozen_credentials()
        return {
            "access_key_id": now.access_key,
            "secret_access_key": now.secret_key,
            "token": now.token,
            "expires_at": datetime.now(timezone.utc) + _GOOD_FOR,
        }

    return provide
