"""The job that compacts the lake, and its schedule."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import dagster as dg
from pydantic import Field

from qb_assets.catalog import Entity
from qb_assets.failures import plain_failures
from qb_assets.lake.resource import LakeResource
from qb_assets.normalized.compaction import Compacted, Terms, compact
from qb_assets.partitions import Calendar

COMPACT = "compact"

OLDER_THAN_DAYS = 7
"""A week after its end nothing is fetched into a day any more, but by hand."""

AT_LEAST = 2


class Compaction(dg.Config):
    """What is compacted."""

    older_than_days: int = Field(
        default=OLDER_THAN_DAYS,
        ge=0,
        description="How many days ago a partition's day must be at least; 0 takes in today.",
    )
    at_least: int = Field(
        default=AT_LEAST, ge=2, description="Small objects that a partition must have."
    )
    company: str | None = Field(default=None, description="A realm Id; all companies by default.")
    entities: list[str] = Field(
        default_factory=list, description="Names, as Invoice; all entities by default."
    )


def build_compact_job(entities: Sequence[Entity], calendar: Calendar) -> dg.JobDefinition:
    """A job of one op, since it makes nothing new: what the assets hold stays the same."""
    by_name = {entity.name: entity for entity in entities}

    @dg.op(name="compact_lake", description="Compacts partition after partition.")
    def compact_lake(
        context: dg.OpExecutionContext, config: Compaction, lake: LakeResource
    ) -> None:
        unknown = sorted({*config.entities} - {*by_name})
        if unknown:
            raise dg.Failure(
                f"There is no entity {', '.join(unknown)}; there are {', '.join(by_name)}.",
                allow_retries=False,
            )
        chosen = [by_name[name] for name in config.entities or by_name]
        terms = terms_of(
            calendar, config.older_than_days, at_least=config.at_least, company=config.company
        )
        with plain_failures():
            done = compact(lake.open(), chosen, terms, context.log.info)
        context.log.info(said_of(done))

    @dg.job(
        name=COMPACT,
        description=(
            "Makes one object of the many small ones that fetches left in a partition of the lake,"
            " raw and normalized; compares it with them row by row, and removes them then. Asks"
            " QuickBooks nothing. What is read, fetched or normalized meanwhile stays right, and"
            " what a killed run leaves is finished by the next one."
        ),
    )
    def compact_job() -> None:
        compact_lake()

    return compact_job


def build_weekly_compaction(job: dg.JobDefinition, calendar: Calendar) -> dg.ScheduleDefinition:
    """Once a week, when the sweep of the same morning has ended."""
    return dg.ScheduleDefinition(
        name="weekly_compaction",
        job=job,
        cron_schedule="0 6 * * 0",
        execution_timezone=calendar.zone.key,
        description=(
            "On Sunday morning, compacts what is older than a week. Stopped until you start it:"
            " it removes objects of the lake once it has compared them with what replaces them, so"
            " see first that whatever else reads the lake's files can take that."
        ),
    )


def terms_of(
    calendar: Calendar,
    older_than_days: int,
    *,
    at_least: int,
    company: str | None,
    now: datetime | None = None,
) -> Terms:
    """The terms of a compaction of what ended that many days ago or before; 0 is until today."""
    last_day = calendar.today(now) - timedelta(days=older_than_days)
    return Terms(last_day, at_least, company)


def said_of(done: Sequence[Compacted]) -> str:
    """What a compaction came to, in a line."""
    if not done:
        return "Nothing to compact."
    partitions, replaced, made, removed = (
        sum(each)
        for each in zip(*((d.partitions, d.replaced, d.made, d.removed) for d in done), strict=True)
    )
    return (
        f"Compacted {partitions:,} partitions: {replaced:,} raw objects became {made:,};"
        f" {removed:,} were compared with what replaces them, and removed."
    )
