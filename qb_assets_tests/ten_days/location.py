"""The code location of a simulation, of the entities that QB_SIMULATED_ENTITIES names."""

import os

from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions
from qb_assets_tests.ten_days.daemon import NAMES

defs = build_definitions(
    entities=[ENTITIES[name] for name in os.environ[NAMES].split(",")], reports=[]
)
