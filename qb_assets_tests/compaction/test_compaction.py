"""Compactions that are killed, in small: `python -m qb_assets_tests.compaction` is the whole."""

import secrets
from pathlib import Path

from qb_assets.sandbox.object_store import SeaweedServer
from qb_assets_tests.compaction.proof import Proof
from qb_assets_tests.servers import seaweed, server_access

__all__ = ["seaweed"]


def test_a_kill_after_any_step_loses_nothing(tmp_path: Path) -> None:
    proof = Proof((str(tmp_path / "lake"), None), tmp_path, seed=5)
    for _ in range(4):
        proof.fetch()
    step = 1
    while proof.kill_at(step):
        proof.look()
        assert proof.figures.wrong == []
        step += 3  # the next one gets further than this
    proof.finish()
    assert proof.figures.wrong == []
    assert proof.figures.compacted > 4
    assert step > 10


def test_others_work_on_s3_meanwhile(seaweed: SeaweedServer, tmp_path: Path) -> None:
    place = f"s3://lake/compaction/{secrets.token_hex(6)}"
    proof = Proof((place, server_access(seaweed)), tmp_path, seed=6)
    figures = proof.run(2, readers=1, compactions=1)
    assert figures.wrong == []
    assert figures.looks
    assert figures.compacted > 5
