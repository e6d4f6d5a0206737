"""The sandbox as a process: what it prints and writes, how it ends, how it fails."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from qb_assets.sandbox.process import SandboxError, start

NAMES = [
    "QB_ENVIRONMENT",
    "QB_BASE_URL",
    "QB_TOKEN_URL",
    "QB_AUTHORIZE_URL",
    "QB_REVOKE_URL",
    "QB_CLIENT_ID",
    "QB_CLIENT_SECRET",
    "QB_REFRESH_TOKEN",
    "QB_COMPANY",
]


def launch(*words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "qb_assets.sandbox", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def printed(process: "subprocess.Popen[str]") -> dict[str, str]:
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in NAMES]
    return dict(line.split("=", 1) for line in lines)


def listens(base_url: str) -> bool:
    try:
        return requests.get(f"{base_url}/admin/stats", timeout=5).ok
    except requests.ConnectionError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_prints_and_writes_its_variables_and_ends_cleanly(
    company_dir: Path, tmp_path: Path, number: signal.Signals
) -> None:
    env_file = tmp_path / "sandbox.env"
    process = launch("--company", str(company_dir), "--env-file", str(env_file), "--realm", "42")
    env = printed(process)
    assert list(env) == NAMES
    assert env["QB_ENVIRONMENT"] == "sandbox"
    assert env["QB_COMPANY"] == "42"
    assert listens(env["QB_BASE_URL"])
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    sourced = subprocess.run(
        ["/bin/sh", "-c", f"set -a; . {env_file}; env"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert {f"{name}={value}" for name, value in env.items()} <= set(sourced)
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_a_taken_port_is_one_line(company_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        process = launch("--company", str(company_dir), "--port", port)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith(f"qb-assets sandbox: cannot listen on 127.0.0.1:{port}")
    assert len(errors.splitlines()) == 1


def test_a_folder_that_is_no_company_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"holds no \{Entity\}.json file"):
        start(company_dir=tmp_path)
    (tmp_path / "Invoice.json").write_text('{"Id": "1"}')
    with pytest.raises(SandboxError, match=r"Invoice.json is not a JSON array of Invoice"):
        start(company_dir=tmp_path)


def test_it_ends_with_the_process_that_started_it(company_dir: Path) -> None:
    script = (
        "import sys, pathlib, time\n"
        "from qb_assets.sandbox.process import start\n"
        f"running = start(company_dir=pathlib.Path({str(company_dir)!r}))\n"
        "print(running.base_url, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    base_url = parent.stdout.readline().strip()
    assert listens(base_url)
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    deadline = time.monotonic() + 10
    while listens(base_url) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not listens(base_url)


def test_stop_is_clean_with_connections_open(company_dir: Path) -> None:
    running = start(company_dir=company_dir)
    with requests.Session() as session:
        assert session.get(f"{running.base_url}/admin/stats", timeout=5).ok
        assert running.stop() == 0
    assert not listens(running.base_url)
