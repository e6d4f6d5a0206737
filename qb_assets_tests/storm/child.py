"""The process that is killed: materializes a company's whole history with every check."""

from __future__ import annotations

import os
import sys

from qb_assets.automation.headless import materialize
from qb_assets.automation.home import open_instance
from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions, calendar_from_environment


def main() -> int:
    """One run of the entities in the words; ends with 0 where it and its checks are clean."""
    calendar = calendar_from_environment()
    entities = [ENTITIES[name] for name in sys.argv[1:]]
    defs = build_definitions(entities=entities, calendar=calendar)
    with open_instance() as instance:
        outcome = materialize(
            defs, instance, calendar, os.environ["QB_COMPANY"], calendar.start, calendar.today()
        )
    for failure in outcome.failures:
        print(failure)
    for check in outcome.red:
        print(f"{check.asset_key.to_user_string()} {check.check_name}: {check.description}")
    return 0 if outcome.clean else 1


if __name__ == "__main__":
    sys.exit(main())
