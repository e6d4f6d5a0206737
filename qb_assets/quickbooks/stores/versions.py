"""One secret of AWS Secrets Manager, replaced by compare-and-swap of its version stages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any, cast

# boto3 has no types of its own.
_failures: Any = import_module("botocore.exceptions")
AWS_ERRORS = cast("tuple[type[Exception], ...]", (_failures.ClientError, _failures.BotoCoreError))
"""What boto3's clients raise: what AWS refuses, and what does not come to AWS."""

_CURRENT = "AWSCURRENT"
_PENDING = "QB_PENDING"
"""Our staging label: a version without any label would not be kept."""


@dataclass(frozen=True, slots=True)
class Version:
    """The current version; `age` is its age in seconds by the clock of Secrets Manager."""

    id: str
    text: str = field(repr=False)
    age: float


class Versions:
    """The versions of the secret `name`, through boto3's client. Methods raise AWS_ERRORS.

    The ids of new versions are the caller's, so what botocore sends twice is done once.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name

    def read(self) -> Version | None:
        """The current version, None where there is no such secret."""
        try:
            found = self._client.get_secret_value(SecretId=self._name, VersionStage=_CURRENT)
        except AWS_ERRORS as error:
            if error_code(error) == "ResourceNotFoundException":
                return None
            raise
        now = parsedate_to_datetime(found["ResponseMetadata"]["HTTPHeaders"]["date"])
        age = (now - found["CreatedDate"]).total_seconds()
        return Version(found["VersionId"], found["SecretString"], age)

    def create(self, version: str, text: str) -> bool:
        """Makes the secret with its first version; False where there is one already."""
        try:
            self._client.create_secret(
                Name=self._name, ClientRequestToken=version, SecretString=text
            )
        except AWS_ERRORS as error:
            if error_code(error) != "ResourceExistsException":
                raise
            current = self.read()
            return current is not None and current.id == version
        return True

    def replace(self, read: str, version: str, text: str) -> bool:
        """Puts a new version in place of the one that was read; False where it is not current."""
        self._client.put_secret_value(
            SecretId=self._name,
            ClientRequestToken=version,
            SecretString=text,
            VersionStages=[_PENDING],
        )
        return self.move(read, version)

    def move(self, source: str, target: str) -> bool:
        """Makes version `target` the current one; False where `source` is not current."""
        try:
            self._client.update_secret_version_stage(
                SecretId=self._name,
                VersionStage=_CURRENT,
                RemoveFromVersionId=source,
                MoveToVersionId=target,
            )
        except AWS_ERRORS:
            current = self.read()
            if current is None or current.id == source:
                raise
            return current.id == target
        return True

    def label(self, version: str, stage: str) -> None:
        """Gives a version a label of its own, so that it is kept."""
        self._client.update_secret_version_stage(
            SecretId=self._name, VersionStage=stage, MoveToVersionId=version
        )


def error_code(error: Exception) -> str:
    """AWS's name of the error, or else its kind; never its text, which names accounts."""
    answer: Mapping[str, Mapping[str, str]] = getattr(error, "response", {})
    return answer.get("Error", {}).get("Code") or type(error).__name__
