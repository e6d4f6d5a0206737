"""The links of assets to this code lead to the lines that declare them."""

from pathlib import Path

import dagster as dg

from qb_assets.catalog import ENTITIES
from qb_assets.code_links import METADATA_KEY, entity_links
from qb_assets.definitions import defs


def test_every_entity_links_to_its_declaration() -> None:
    for entity in ENTITIES.values():
        place = _place(entity_links(entity)[METADATA_KEY])
        lines = Path(place.file_path).read_text("utf-8").splitlines()
        line = place.line_number or 0
        declared = "".join(lines[line - 1 : line + 1])
        assert f'"{entity.name}"' in declared


def test_every_table_of_every_layer_has_a_link() -> None:
    graph = defs.resolve_asset_graph()
    layers = {"raw", "normalized", "warehouse", "books", "attachments"}
    assert [
        key.to_user_string()
        for key in graph.executable_asset_keys
        if key.path[0] in layers and METADATA_KEY not in graph.get(key).metadata
    ] == []
    for key in graph.executable_asset_keys:
        links = graph.get(key).metadata.get(METADATA_KEY)
        assert links is None or Path(_place(links).file_path).is_file()


def _place(links: object) -> dg.LocalFileCodeReference:
    assert isinstance(links, dg.CodeReferencesMetadataValue)
    (place,) = links.code_references
    assert isinstance(place, dg.LocalFileCodeReference)
    return place
