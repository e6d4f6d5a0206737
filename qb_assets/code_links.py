"""Where an asset comes from in this code, as links that the UI shows."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import dagster as dg

from qb_assets import catalog
from qb_assets.catalog import Entity

# Parts of Dagster that are still called beta and that this rests on; nothing else is silenced.
for _name in ("LocalFileCodeReference", "CodeReferencesMetadataValue"):
    warnings.filterwarnings("ignore", message=f".*`{_name}`.*", category=dg.BetaWarning)

METADATA_KEY = "dagster/code_references"


def entity_links(entity: Entity) -> Mapping[str, dg.CodeReferencesMetadataValue]:
    """The metadata that links to the entity's declaration in the catalog; empty for one that is
    declared elsewhere."""
    found = _declarations().get(entity.name)
    return file_links(*found, label="its declaration") if found else {}


def file_links(
    file: Path, line: int = 1, *, label: str
) -> Mapping[str, dg.CodeReferencesMetadataValue]:
    """The metadata that links to a line of a file."""
    link = dg.LocalFileCodeReference(file_path=str(file), line_number=line, label=label)
    return {METADATA_KEY: dg.CodeReferencesMetadataValue(code_references=[link])}


@cache
def _declarations() -> Mapping[str, tuple[Path, int]]:
    """The file and line of each entity's declaration."""
    folder = Path(sys.modules[catalog.__name__].__file__ or "").parent
    return {
        match[1]: (file, text.count("\n", 0, match.start()) + 1)
        for file in sorted(folder.glob("*.py"))
        for text in [file.read_text("utf-8")]
        for match in re.finditer(r"\bEntity\(\s*(?:name=)?\"(\w+)\"", text)
    }
