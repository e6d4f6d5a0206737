"""The environment of child processes, which other programs of the same user can read."""

from __future__ import annotations

import os


def without_secrets() -> dict[str, str]:
    """This process's environment without the variables that configure qb_assets or AWS."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("QB_", "AWS_"))
    }
