"""A small storm; `python -m qb_assets_tests.webhooks` makes large ones."""

from pathlib import Path

import pytest

from qb_assets_tests.webhooks.storm import Storm


@pytest.mark.parametrize("per_post", [20, 1])
def test_what_was_answered_is_stored_once_though_the_server_was_killed(
    per_post: int, tmp_path: Path
) -> None:
    storm = Storm(str(tmp_path / "w.db"), 200, per_post=per_post, connections=4)
    outcome = storm.run(kills=1)
    assert outcome.kills == 1
    assert outcome.repeats
    assert len(outcome.answered) == 200
    assert outcome.kept, str(outcome)


def test_machines_that_share_a_database(postgres_url: str) -> None:
    outcome = Storm(postgres_url, 100, per_post=5, connections=4).run(kills=0)
    assert outcome.kept, str(outcome)
