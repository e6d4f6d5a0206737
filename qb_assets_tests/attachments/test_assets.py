"""The files as assets and by commands: on request, checked, and in the warehouse."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import duckdb
import pytest
from typer.testing import CliRunner, Result

from qb_assets import definitions
from qb_assets.attachments.assets import FILES, LOADED_FILES, FetchFiles
from qb_assets.automation.headless import Outcome, fetch_attachments
from qb_assets.automation.jobs import SYNC
from qb_assets.cli_attachments import app
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.attachments.company import attached, hash_of, write
from qb_assets_tests.pipeline.surroundings import Pipeline, keys_of, pipeline, red

CHECK = "attachments/attachment_file:fetched"
REFS = [{"EntityRef": {"value": "95", "type": "Invoice"}}]
JOINED = """
    SELECT f.attachable_id, f.state, f.sha256, a.note, r.entity_type
    FROM quickbooks.attachment_file f
    JOIN quickbooks.attachable a ON (a._company, a.id) = (f._company, f.attachable_id)
    LEFT JOIN quickbooks.attachable_attachable_ref r
        ON (r._company, r.attachable_id) = (f._company, f.attachable_id)
    WHERE f.version = a.sync_token ORDER BY 1
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("attachments")
    files = [attached(1, Note="paid", AttachableRef=REFS), attached(2), attached(3, "run.exe")]
    free = Settings(requests_per_minute=0, concurrent=0)
    with (
        start(company_dir=write(folder, files), settings=free) as sandbox,
        pipeline(folder, sandbox, ["Attachable"], "2026-03-11") as made,
    ):
        assert made.run(last=made.calendar.start).clean
        yield made


def fetched(made: Pipeline) -> Outcome:
    return fetch_attachments(made.defs, made.instance, made.company, FetchFiles())


def edited(made: Pipeline, identity: str, **fields: object) -> None:
    """Edits an attachable a while ago, since QuickBooks' newest changes are left to settle."""
    at = datetime.now(timezone.utc) - timedelta(minutes=2)
    asked = {"entity": "Attachable", "id": identity, "fields": fields, "at": at.isoformat()}
    made.sandbox.admin("edit", asked)
    assert made.run(made.calendar.today(at), select=["raw/attachable"]).clean


def figures(outcome: Outcome) -> dict[str, object]:
    """What the materialization of the files says."""
    [said] = [each for each in outcome.materializations if each.asset_key == FILES]
    return {name: value.value for name, value in said.metadata.items()}


def test_a_sync_brings_no_files_and_a_check_of_all_has_nothing_against_it(made: Pipeline) -> None:
    assert FILES not in made.defs.resolve_job_def(SYNC).asset_layer.executable_asset_keys
    assert made.sandbox.admin("stats")["calls"].get("download", 0) == 0
    assert not made.lake.list("attachments")
    assert made.check("attachments/attachment_file").clean
    with pytest.raises(ValueError, match="attachments fetch"):
        made.run(select=["attachments/attachment_file"])


def test_on_request_they_are_in_the_lake_and_in_the_warehouse(made: Pipeline) -> None:
    outcome = fetched(made)
    assert outcome.clean, outcome.failures
    assert {each.asset_key for each in outcome.materializations} == {FILES, LOADED_FILES}
    said = figures(outcome)
    assert (said["dagster/row_count"], said["kept"], said["type_not_allowed"]) == (3, 2, 1)
    assert (said["metered_calls"], said["requests"], said["stored_bytes"]) == (2, 4, 2000)
    [warned] = [check for check in outcome.checks if not check.passed]
    assert warned.severity.value == "WARN"
    assert keys_of(warned) == [
        {
            "company": made.company,
            "attachable_id": "3",
            "problem": "type_not_allowed",
            "reason": "its extension or its content type is not allowed",
        }
    ]
    with duckdb.connect(str(made.surroundings.warehouse_file), read_only=True) as connection:
        assert connection.execute(JOINED).fetchall() == [
            ("1", "kept", hash_of("1", 1000), "paid", "Invoice"),
            ("2", "kept", hash_of("2", 1000), None, None),
            ("3", "type_not_allowed", None, None, None),
        ]
    run = made.instance.get_run_by_id(outcome.run_id)
    assert run is not None
    assert run.tags["dagster/partition"] == run.tags["company"] == made.company
    assert run.tags["quickbooks/metered_calls"] == "2"


def test_what_failed_is_red_until_it_is_fetched(made: Pipeline) -> None:
    edited(made, "2", Size=999)
    assert made.check("attachments/attachment_file").clean  # it is not fetched yet
    made.sandbox.admin("file", {"id": "2", "moved_to": "https://example.com/"})
    outcome = fetched(made)
    assert figures(outcome)["failed"] == 1
    assert red(outcome)[CHECK].metadata["wrong"].value == 1
    assert red(made.check("attachments/attachment_file", window={"company": made.company}))
    assert made.check("attachments/attachment_file", window={"company": "77"}).clean
    made.sandbox.admin("file", {"id": "2"})
    assert fetched(made).clean

    made.lake.delete([f"attachments/sha256/{hash_of('1', 1000)[:2]}/{hash_of('1', 1000)}"])
    lost = red(made.check("attachments/attachment_file"))
    assert keys_of(lost[CHECK])[0]["problem"] == "not in the lake any more"
    assert figures(fetched(made))["stored_files"] == 1


def test_a_connection_that_ended_is_one_line_that_says_what_to_do(made: Pipeline) -> None:
    edited(made, "1", Note="new")
    script = [{"on": "download", "fault": "403_json", "times": None}]
    made.sandbox.admin("weather", {"script": script})
    outcome = fetched(made)
    made.sandbox.admin("weather", {})
    assert not outcome.success
    assert re.search(f"company {made.company}, Attachable: .* connect ", outcome.failures[0])
    assert fetched(made).clean


def command(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def test_the_commands(made: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(definitions, "defs", made.defs)
    done = command("fetch", "--company", made.company, "--types", "pdf,txt")
    assert done.exit_code == 0, done.output
    listed = command("list", "--state", "kept")
    assert listed.output.count("application/pdf") == 4  # two files with a version each, twice
    assert "run.exe" not in listed.output
    assert "Jane" not in listed.output
    assert "type_not_allowed" in command("list", "--company", made.company).output
    assert "No files" in command("list", "--state", "gone").output
    assert isinstance(command("list", "--state", "lost").exception, ValueError)
    wrong = command("fetch", "--company", made.company, "--types", "cobol").exception
    assert "no type of files is called cobol" in str(wrong)
