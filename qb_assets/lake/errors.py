"""What can go wrong with the lake, as typed errors in one line each.

The object store's own errors carry the server's whole answer, which may repeat an access key or a
signed request. None of that text is passed on: only the store's error code, the status and the
system's error number are read from it, and the sentence is written here.
"""

import errno
import os
import re

from obstore.exceptions import AlreadyExistsError, PermissionDeniedError, UnauthenticatedError

_CODE = re.compile(r"<Code>(\w{1,64})</Code>")
_STATUS = re.compile(r"status code: (\d{3})\b")
_OS_ERROR = re.compile(r"\(os error (\d+)\)")

_CREDENTIALS = (
    "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the AWS profile or "
    "role this process runs with"
)
_ANOTHER_PLACE = "or set QB_LAKE_URL to another place"
_REFUSED = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
}
_WRONG_REGION = {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
_S3_SAYS = {
    "InvalidBucketName": (
        "is no valid bucket name",
        "correct QB_LAKE_URL (s3://bucket/prefix)",
    ),
    "NoSuchBucket": ("has no such bucket", "create the bucket or correct QB_LAKE_URL"),
    "RequestTimeTooSkewed": ("says that this machine's clock is wrong", "set the clock"),
}
_DISK_SAYS = {
    errno.EACCES: ("may not be read or written by this user", "change the folder's owner or mode"),
    errno.EPERM: ("may not be changed by this user", "change the folder's owner or mode"),
    errno.EROFS: ("is on a read-only disk", "mount the disk for writing"),
    errno.ENOSPC: ("is on a full disk", "free some space"),
    errno.EDQUOT: ("is over its disk quota", "free some space"),
    errno.ENOTDIR: ("runs through a file, which cannot hold a folder", "move the file away"),
    errno.EISDIR: ("has a folder where an object should be", "move the folder away"),
    errno.EMFILE: ("cannot open more files", "raise the limit of open files (ulimit -n)"),
}


class LakeError(Exception):
    """Something the lake could not do; `retryable` when the same call may succeed later."""

    def __init__(self, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.retryable = retryable


class ObjectExists(LakeError):
    """The object to create is there already; it was left as it was."""


class ObjectMissing(LakeError):
    """The object to read is not in the lake; `path` says which."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class LakeUnavailable(LakeError):
    """The lake itself cannot be used: its address, its credentials, its disk or its server."""


class LakeDataError(LakeError):
    """An object's content, or a table, is not what was asked for."""


def unavailable(url: str, what: str, do: str, *, retryable: bool = False) -> LakeUnavailable:
    """The error for a lake that cannot be used: what happened, to which one, what to do."""
    return LakeUnavailable(f"The lake at {url} {what}: {do}.", retryable=retryable)


def explain(error: Exception, *, url: str, endpoint: str, path: str) -> LakeError:
    """Say what an error of the object store or the disk means for the lake.

    `url` is the lake's address, `endpoint` the server's (empty for a local folder), `path` the
    object or prefix that was asked for. Nothing of the error's own text is kept.
    """
    text = str(error)
    code = _first(_CODE, text)
    status = int(_first(_STATUS, text) or 0)
    if isinstance(error, AlreadyExistsError):
        return ObjectExists(f"The lake at {url} already holds {path}; it was left as it is.")
    if endpoint:
        known = _explain_s3(error, code, status, url=url, endpoint=endpoint, path=path)
    else:
        known = _explain_disk(error, text, url=url, path=path)
    if known is not None:
        return known
    said = code or (f"status {status}" if status else type(error).__name__)
    return LakeError(
        f"The lake at {url} could not serve {path} ({said}): try again, and look at the server's "
        "own log if it stays.",
        retryable=status in (0, 408, 409, 429) or (status >= 500 and status != 501),
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""


def _missing(url: str, path: str) -> ObjectMissing:
    return ObjectMissing(
        f"The lake at {url} has no object {path}: materialize the asset that writes it, or check "
        "QB_LAKE_URL.",
        path,
    )


def _explain_s3(
    error: Exception, code: str, status: int, *, url: str, endpoint: str, path: str
) -> LakeError | None:
    if code in _S3_SAYS:
        return unavailable(url, *_S3_SAYS[code])
    if isinstance(error, FileNotFoundError):
        return _missing(url, path)
    if code in _WRONG_REGION or status in (301, 307) or "without LOCATION" in str(error):
        return unavailable(url, "is in another region", "set AWS_REGION to the bucket's region")
    if code in _REFUSED or isinstance(error, UnauthenticatedError) or status == 401:
        said = f" ({code})" if code else ""
        return unavailable(url, f"refused the credentials{said}", _CREDENTIALS)
    if isinstance(error, PermissionDeniedError) or status == 403:
        said = f" ({code})" if code else ""
        do = f"grant list, read, write and delete on the bucket, or {_CREDENTIALS}"
        return unavailable(url, f"does not allow access to {path}{said}", do)
    if status in (429, 503):
        return unavailable(url, "is busy", "try again later", retryable=True)
    if not status and "HTTP error" in str(error):
        what = f"could not be reached at {endpoint}"
        do = "check the network and AWS_ENDPOINT_URL (or AWS_ENDPOINT_URL_S3)"
        return unavailable(url, what, do, retryable=True)
    return None


def _explain_disk(error: Exception, text: str, *, url: str, path: str) -> LakeError | None:
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        number = int(_first(_OS_ERROR, text) or 0)
    if number in _DISK_SAYS:
        what, do = _DISK_SAYS[number]
        return unavailable(url, f"{what} (at {path})", f"{do}, {_ANOTHER_PLACE}")
    if number == errno.ENOENT or isinstance(error, FileNotFoundError):
        return _missing(url, path)
    if number:
        what = f"failed at {path} ({os.strerror(number)})"
        return unavailable(url, what, f"check the disk, {_ANOTHER_PLACE}", retryable=True)
    return None
