"""A program that has imported all of it can fork, as process pools do."""

import subprocess
import sys

PROGRAM = """
import os, signal
import qb_assets.definitions
import qb_assets.cli
import polars as pl
import pyarrow as pa

rows = pa.concat_tables([pa.table({"a": [1, 2], "b": ["x", "y"]})] * 3)
if child := os.fork():
    signal.alarm(30)
    raise SystemExit(os.waitpid(child, 0)[1])
signal.alarm(20)
os._exit(0 if pl.from_arrow(rows).sort("a").height == 6 else 1)
"""


def test_no_import_makes_polars_start_threads_which_a_forked_process_has_not() -> None:
    subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], check=True, timeout=60)
