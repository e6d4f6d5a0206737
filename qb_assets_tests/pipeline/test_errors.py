"""What goes wrong outside: one line that says what to do, no trace, no secret, a failing exit."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias

import pytest

from qb_assets.cli import main
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline import secrets_found
from qb_assets_tests.pipeline.surroundings import Surroundings, foreign_environment

DAYS = ("--from", "2026-11-01", "--to", "2026-11-02")
HOLDER = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held'); sys.stdin.read()"
Done: TypeAlias = "subprocess.CompletedProcess[str]"
SECRET = "AB-a-wrong-secret-that-must-not-be-told"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxProcess]:
    with start(invoices=5, settings=Settings(requests_per_minute=0)) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def there(sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    """Surroundings in which the company was connected."""
    folder = tmp_path_factory.mktemp("errors")
    surroundings = Surroundings(folder, "2026-11-01", sandbox.env)
    words = ("connect", "--company", sandbox.realm_id, "--refresh-token", "-")
    done = surroundings.command(*words, typed=sandbox.env["QB_REFRESH_TOKEN"])
    assert done.returncode == 0, done.stderr
    return surroundings


@pytest.fixture(scope="module", autouse=True)
def waiting(
    there: Surroundings, sandbox: SandboxProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Done]]]:
    """Commands that wait before they fail, while the other tests go on."""
    file = tmp_path_factory.mktemp("held") / "held.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    words = ("materialize", "--company", sandbox.realm_id, *DAYS, "--select", "raw/term")
    held = {"QB_WAREHOUSE_URL": f"duckdb:///{file}"}
    nobody = {"QB_BASE_URL": "http://127.0.0.1:9"}
    with ThreadPoolExecutor(2) as threads:
        yield {
            "held": threads.submit(there.command, *words, env=held),
            "unreachable": threads.submit(there.command, *words, env=nobody),
        }
    holder.communicate("")


def fails(
    surroundings: Surroundings,
    *words: str,
    says: str,
    env: dict[str, str] | None = None,
    secrets: tuple[str, ...] = (),
    typed: str = "",
) -> None:
    """Asserts that a command fails with one line that matches, and tells no secret."""
    failed(surroundings, surroundings.command(*words, env=env, typed=typed), says, secrets)


def failed(
    surroundings: Surroundings, done: Done, says: str, secrets: tuple[str, ...] = ()
) -> None:
    """Asserts that a command failed like that."""
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    assert 'File "' not in said
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, said
    assert done.stdout.strip() == ""
    assert re.search(says, lines[0]), lines[0]
    known = (surroundings.env["QB_CLIENT_SECRET"], surroundings.env["QB_REFRESH_TOKEN"])
    assert not any(secret in said for secret in (*secrets, *known))


Fails: TypeAlias = Callable[..., None]


@pytest.fixture
def fails_here(
    there: Surroundings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Fails:
    """As `fails`, in this process, which is quicker: for what is refused before anything begins."""

    def fail(*words: str, says: str, env: dict[str, str] | None = None, typed: str = "") -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        for name in set(os.environ) - set(foreign_environment()):
            monkeypatch.delenv(name)
        for name, text in {**there.env, **(env or {})}.items():
            monkeypatch.setenv(name, text)
        monkeypatch.setattr(sys, "argv", ["qb-assets", *words])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        done = subprocess.CompletedProcess(words, int(str(ended.value.code)), said.out, said.err)
        failed(there, done, says)

    return fail


def test_connect_with_a_wrong_client_secret(there: Surroundings, sandbox: SandboxProcess) -> None:
    words = ("connect", "--company", sandbox.realm_id, "--refresh-token", "-")
    fails(
        there,
        *words,
        typed=sandbox.env["QB_REFRESH_TOKEN"],
        env={"QB_CLIENT_SECRET": SECRET},
        says="Check QB_CLIENT_ID and QB_CLIENT_SECRET",
        secrets=(SECRET,),
    )


def test_connect_with_a_wrong_refresh_token(there: Surroundings, sandbox: SandboxProcess) -> None:
    words = ("connect", "--company", sandbox.realm_id, "--refresh-token", "-")
    says = "Connect again with: qb-assets connect"
    fails(there, *words, typed=SECRET, says=says, secrets=(SECRET,))


def test_connect_with_a_token_among_the_words(fails_here: Fails) -> None:
    """There it would be shown to every program of the machine."""
    fails_here("connect", "--company", "1", "--refresh-token", "AB12", says="--refresh-token -")


def test_connect_with_a_company_of_another_realm(
    fails_here: Fails, there: Surroundings, sandbox: SandboxProcess
) -> None:
    words = ("connect", "--company", "9999999999", "--refresh-token", "-")
    token = sandbox.env["QB_REFRESH_TOKEN"]
    fails_here(*words, typed=token, says="9999999999.*Check the company id")
    assert "9999999999" not in str(list((there.folder / "tokens").glob("*.token")))


def test_company_that_is_not_connected(there: Surroundings) -> None:
    words = ("materialize", "--company", "123456", *DAYS)
    fails(there, *words, says="123456: no connection.*qb-assets connect --company 123456")


def test_company_that_is_no_realm(fails_here: Fails) -> None:
    fails_here("materialize", "--company", "../../etc", *DAYS, says="realm|company id")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"QB_START_DATE": "2026-02-30"}, "QB_START_DATE is '2026-02-30'; it must be a day like"),
        ({"QB_TIMEZONE": "Mars/Olympus"}, "QB_TIMEZONE is 'Mars/Olympus'; it must be a name like"),
        ({"QB_TIMEZONE": "/etc/passwd"}, "QB_TIMEZONE is '/etc/passwd'; it must be a name like"),
        ({"QB_WAREHOUSE_URL": "mysql://x/y"}, "QB_WAREHOUSE_URL is .*it must look like duckdb:///"),
        ({"QB_LAKE_URL": "gs://bucket"}, "set QB_LAKE_URL to file:///a/folder or s3://"),
        ({"QB_LAKE_URL": "file:///proc/nowhere/lake"}, "QB_LAKE_URL"),
        ({"QB_ENVIRONMENT": "staging"}, "Set QB_ENVIRONMENT"),
        ({"QB_CLIENT_SECRET": ""}, "QB_CLIENT_SECRET is not set"),
        ({"QB_TOKEN_STORE": "vault://x"}, "QB_TOKEN_STORE"),
    ],
)
def test_settings_that_make_no_sense(
    fails_here: Fails, sandbox: SandboxProcess, variables: dict[str, str], says: str
) -> None:
    fails_here("materialize", "--company", sandbox.realm_id, *DAYS, env=variables, says=says)


def test_settings_that_make_no_sense_by_a_command(
    there: Surroundings, sandbox: SandboxProcess
) -> None:
    """The definitions of a process of its own are made from them, too."""
    variables = {"QB_START_DATE": "yesterday"}
    says = "QB_START_DATE is 'yesterday'; it must be a day like"
    words = ("materialize", "--company", sandbox.realm_id, *DAYS)
    fails(there, *words, env=variables, says=says)


def test_lake_that_cannot_be_written(
    there: Surroundings, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    (tmp_path / "lake").write_text("a file is in the way")
    variables = {"QB_LAKE_URL": (tmp_path / "lake").as_uri()}
    words = ("materialize", "--company", sandbox.realm_id, *DAYS)
    fails(there, *words, env=variables, says="QB_LAKE_URL")


def test_warehouse_that_is_no_database(
    fails_here: Fails, sandbox: SandboxProcess, tmp_path: Path
) -> None:
    (tmp_path / "w.duckdb").write_text("this is no DuckDB database, but a text of some length")
    variables = {"QB_WAREHOUSE_URL": f"duckdb:///{tmp_path}/w.duckdb"}
    words = ("materialize", "--company", sandbox.realm_id, *DAYS)
    fails_here(*words, env=variables, says="QB_WAREHOUSE_URL")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*DAYS, "--select", "raw/nothing"), "--select 'raw/nothing' names no asset. Examples:"),
        ((*DAYS, "--select", "raw/((("), "names no asset. Examples:"),
        (("--from", "2031-01-01", "--to", "2031-02-01"), "There is no day from 2031-01-01"),
        (("--from", "2020-01-01", "--to", "2020-02-01"), "There is no day from 2020-01-01"),
        (("--from", "2026-11-02", "--to", "2026-11-01"), "There is no day from 2026-11-02"),
    ],
)
def test_days_and_selections_that_name_nothing(
    fails_here: Fails, sandbox: SandboxProcess, words: tuple[str, ...], says: str
) -> None:
    fails_here("materialize", "--company", sandbox.realm_id, *words, says=says)


def test_check_that_names_nothing(fails_here: Fails) -> None:
    fails_here("check", "--select", "warehouse/nothing", says="names no asset")


def test_warehouse_that_another_process_holds(
    there: Surroundings, waiting: dict[str, Future[Done]]
) -> None:
    done = waiting["held"].result(100)
    failed(there, done, "held.duckdb is held by another process, still after 30 s. Close the")


def test_unreachable_host(waiting: dict[str, Future[Done]]) -> None:
    done = waiting["unreachable"].result(100)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    [line] = [line for line in said.splitlines() if line.startswith("FAILED")]
    assert "127.0.0.1:9 cannot be reached" in line
    assert "Check the network and the hosts in QB_BASE_URL and QB_TOKEN_URL" in line


def test_no_failure_left_a_secret_behind(there: Surroundings, sandbox: SandboxProcess) -> None:
    store = FileTokenStore(there.folder / "tokens")
    token = store.load(sandbox.realm_id).token
    given = (sandbox.env["QB_CLIENT_SECRET"], sandbox.env["QB_REFRESH_TOKEN"], SECRET)
    secrets = [*given, token.access, token.refresh]
    assert list(secrets_found.in_files(secrets, there.folder)) == []
    assert list(there.home.rglob("*.db")), "the search looked at nothing"
