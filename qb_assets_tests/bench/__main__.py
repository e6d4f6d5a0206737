"""Measures loads of a generated company, ours and those of others, against one sandbox.

    python -m qb_assets_tests.bench
    python -m qb_assets_tests.bench --invoices 20000 --only ours,naive

Each load is a process of its own, measured from outside: processor seconds of it and its children,
peak memory, wall time. The sandbox is another process and is not counted. What a program needs to
start and do nothing is measured beside it and taken off, of ours and of the others alike. What
arrived is compared with the exact sums of the JSON.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from qb_assets_tests.bench.bench import Bench
from qb_assets_tests.bench.machine import machine
from qb_assets_tests.bench.parts import DEFAULT, FULL, PARTS
from qb_assets_tests.bench.report import put

MORE = [part for part in FULL if part not in DEFAULT]
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def main(
    invoices: Annotated[int, typer.Option(help="Invoices of the company.")] = 100_000,
    only: Annotated[str, typer.Option(help=f"Parts, with commas: {', '.join(PARTS)}.")] = "",
    full: Annotated[bool, typer.Option("--full", help=f"Also {', '.join(MORE)}.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Put the tables in docs.")] = False,
    companies: Annotated[
        Path | None, typer.Option(help="Folder to keep generated companies in, for the next time.")
    ] = None,
) -> None:
    """Run the parts and print their tables, each as soon as it is there."""
    chosen = [part for part in only.split(",") if part] or list(FULL if full else DEFAULT)
    unknown = [part for part in chosen if part not in PARTS]
    if unknown:
        raise typer.BadParameter(f"there is no part {', '.join(unknown)}: take {', '.join(PARTS)}")
    with tempfile.TemporaryDirectory() as folder:
        kept = companies or Path(folder) / "companies"
        with Bench(Path(folder), kept, invoices) as bench:
            for part in chosen:
                text = f"{PARTS[part](bench)}\n\n{machine()}"
                print(f"\n{text}", flush=True)
                if write and part in FULL:
                    put(PAGE, part, text)


if __name__ == "__main__":
    typer.run(main)
