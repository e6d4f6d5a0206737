"""What a fetch says of itself in its run's tags, where the UI lists and filters runs."""

from __future__ import annotations

from collections.abc import Mapping

from qb_assets.quickbooks.usage import Figures

METERED = "quickbooks/metered_calls"
REQUESTS = "quickbooks/requests"
FAILED = "quickbooks/failed_requests"
YES = "yes"


def fetched_tag(company: str) -> str:
    """The tag, with the value `yes`, of runs that have fetched a company's books to the end."""
    return f"fetched/{company}"


def cost_tags(total: Figures) -> dict[str, str]:
    """What the run has cost: metered calls, and requests with those that failed."""
    return {
        METERED: str(total.metered),
        REQUESTS: str(total.sent),
        FAILED: str(sum(total.errors.values())),
    }


def requests_of(tags: Mapping[str, str]) -> tuple[int, int]:
    """The requests of a run and how many of them failed, from its tags."""
    return int(tags.get(REQUESTS, 0)), int(tags.get(FAILED, 0))
