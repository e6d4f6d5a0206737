"""The measured process of the bench: prints what it used as JSON."""

from __future__ import annotations

import json
import os
import sys
import time

STARTED = time.time()


def main(what: str) -> None:
    """Connect, start Dagster only, or load the whole history with every check."""
    from qb_assets.automation.headless import materialize
    from qb_assets.automation.home import open_instance
    from qb_assets.definitions import calendar_from_environment, defs
    from qb_assets.quickbooks.connect import connect_with_refresh_token
    from qb_assets.quickbooks.resource import QuickBooksResource
    from qb_assets_tests.bench.__main__ import ENTITIES, usage

    company, calendar = os.environ["QB_COMPANY"], calendar_from_environment()
    if what == "connect":
        quickbooks = QuickBooksResource()
        token = os.environ["QB_REFRESH_TOKEN"]
        connect_with_refresh_token(quickbooks.settings(), quickbooks.token_store(), company, token)
    with open_instance() as instance:
        defs.resolve_asset_graph()
        if what == "load":
            outcome = materialize(
                defs,
                instance,
                calendar,
                company,
                calendar.start,
                calendar.today(),
                select=[f"raw/{entity}+++" for entity in ENTITIES],
            )
            if not outcome.clean:
                sys.exit(f"the run was not clean: {outcome.failures or outcome.red}")
    print(json.dumps(usage(STARTED)))


if __name__ == "__main__":
    main(sys.argv[1])
