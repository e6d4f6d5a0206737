"""The normalized layer against the raw one: contracts, arrays, sums, quarantine and drift."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import dagster as dg
import polars as pl
from pandera.errors import SchemaErrors

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.faces import normalized_key
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings, Value
from qb_assets.lake.compacted import settled
from qb_assets.lake.resource import LakeResource
from qb_assets.normalized.child_counts import miscounted
from qb_assets.normalized.drift import Unmodeled, merged
from qb_assets.normalized.line_sums import off_balance, summed_columns
from qb_assets.normalized.quarantine import Waiting
from qb_assets.normalized.read import Columns, Slice, slices
from qb_assets.normalized.schema import narrow_columns, validate
from qb_assets.partitions import Calendar
from qb_assets.scope import CheckWindow, all_days, asked_scopes

VALID, COMPLETE, LINE_SUM, QUARANTINE, DRIFT = (
    "valid",
    "complete",
    "line_sum",
    "quarantine",
    "drift",
)

DOCS = {
    VALID: "Columns, types, nulls, states and unique keys are as the catalog says.",
    COMPLETE: "Every element of the raw array is a row, and every row has its parent.",
    LINE_SUM: "The lines of each document add up to its total, to the cent.",
    QUARANTINE: "No record had to step aside, unless a later version is right or it was accepted.",
    DRIFT: "QuickBooks sends no property, type or word that the catalog does not know.",
}


def build_normalized_checks(
    entities: Sequence[Entity], calendar: Calendar
) -> list[dg.AssetChecksDefinition]:
    """For each entity that has columns the checks of all of its tables, in one step."""
    return [_of_entity(entity, calendar) for entity in entities if tables_of(entity)]


def checks_of(entity: Entity) -> Iterator[tuple[Table, str]]:
    """The tables of an entity and the names of their checks."""
    for table in tables_of(entity):
        yield table, VALID
        if table.parent is not None:
            yield table, COMPLETE
            continue
        yield table, QUARANTINE
        yield table, DRIFT
        if entity.line_sum is not None:
            yield table, LINE_SUM


def _of_entity(entity: Entity, calendar: Calendar) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name=f"normalized_{entity.table}_checks",
        specs=[
            dg.AssetCheckSpec(check, asset=normalized_key(table), description=DOCS[check])
            for table, check in checks_of(entity)
        ],
        can_subset=True,
    )
    def normalized_checks(
        context: dg.AssetCheckExecutionContext, config: CheckWindow, lake: LakeResource
    ) -> Iterator[dg.AssetCheckResult]:
        scopes = asked_scopes(context, config, calendar) or all_days(context.instance, calendar)
        asked = [
            (table, check)
            for table, check in checks_of(entity)
            if dg.AssetCheckKey(normalized_key(table), check) in context.selected_asset_check_keys
        ]
        names = {check for _, check in asked}
        with plain_failures():
            examined = settled(
                lambda: examine(
                    entity,
                    slices(
                        lake.open(),
                        entity,
                        scopes,
                        payloads=COMPLETE in names,
                        columns=columns_asked(entity, names),
                    ),
                    names,
                )
            )
        for table, check in asked:
            yield examined.result(table, check)

    return normalized_checks


def columns_asked(entity: Entity, names: Collection[str]) -> Columns:
    """The columns of an entity's tables that the named checks look at."""
    rule = entity.line_sum if LINE_SUM in names else None
    summed = {} if rule is None else summed_columns(entity, rule)
    return {
        table.name: list(dict.fromkeys([*narrow_columns(table), *summed.get(table.name, ())]))
        for table in tables_of(entity)
    }


class Examination:
    """What the checks of one entity's tables found."""

    def __init__(self, entity: Entity) -> None:
        self.entity = entity
        self.findings = {(t.name, check): Findings() for t, check in checks_of(entity)}

    def result(self, table: Table, check: str) -> dg.AssetCheckResult:
        """One check's result."""
        found = self.findings[table.name, check]
        key = normalized_key(table)
        if check == DRIFT:
            wrong = (
                f"{found.wrong} properties of {self.entity.name} are not as the catalog says."
                " Nothing is lost: raw has them, and what is in no column is in _unmodeled. To have"
                f" columns of them: qb-assets schema diff --entity {self.entity.name}"
            )
            severity = dg.AssetCheckSeverity.WARN
            return found.result(key, check, right=DOCS[check], wrong=wrong, severity=severity)
        wrong = {
            VALID: f"{found.wrong} rows of {table.name} break the table's contract.",
            COMPLETE: f"{found.wrong} records have other rows in {table.name} than raw elements.",
            LINE_SUM: f"The lines of {found.wrong} documents do not add up to their total.",
            QUARANTINE: (
                f"{found.wrong} records of {self.entity.name} are in quarantine:"
                f" qb-assets quarantine list --entity {self.entity.name}"
            ),
        }[check]
        return found.result(key, check, right=DOCS[check], wrong=wrong)


def examine(
    entity: Entity, parts: Iterator[Slice], names: Collection[str] = tuple(DOCS)
) -> Examination:
    """Runs the named checks of an entity over its slices; the cheap ones in any case."""
    examination = Examination(entity)
    findings = examination.findings
    parent, *children = tables_of(entity)
    waiting = Waiting(entity)
    unmodeled: list[Unmodeled] = []
    outdated = 0
    for part in parts:
        if VALID in names:
            for table in (parent, *children):
                _validate(table, part, findings[table.name, VALID])
        if COMPLETE in names:
            _count_children(entity, part, examination)
        if entity.line_sum is not None and LINE_SUM in names:
            found = findings[parent.name, LINE_SUM]
            found.looked_at += part.tables[parent.name].height
            found.add_all(
                {**_version(row), "total": row["total"], "lines": row["summed"]}
                for row in off_balance(entity, entity.line_sum, part.tables).iter_rows(named=True)
            )
        findings[parent.name, QUARANTINE].looked_at += part.raw.num_rows
        waiting.take(part)
        findings[parent.name, DRIFT].looked_at += part.raw.num_rows
        unmodeled = merged([*unmodeled, *part.unmodeled])
        outdated += part.outdated
    findings[parent.name, DRIFT].add_all(map(_drifted, unmodeled))
    if outdated:
        findings[parent.name, VALID].notes["objects_of_another_schema"] = outdated
    quarantine = findings[parent.name, QUARANTINE]
    quarantine.notes["accepted"] = len(waiting.accepted())
    quarantine.add_all(
        {"company": each.company, "id": each.id, "reason": each.reason, "object": each.raw_object}
        for each in waiting.left()
    )
    return examination


def _validate(table: Table, part: Slice, found: Findings) -> None:
    rows = part.tables[table.name]
    found.looked_at += rows.height
    if rows.is_empty():
        return
    try:
        validate(table, rows, None if part.columns is None else part.columns[table.name])
    except SchemaErrors as errors:
        found.add_all(_broken(errors, rows, table))


def _broken(
    errors: SchemaErrors, rows: pl.DataFrame, table: Table
) -> Iterator[dict[str, str | int | None]]:
    """What broke, by column and check, with the record's Id; the values stay where they are."""
    cases = errors.failure_cases
    owner = table.parent_keys[0] if table.parent is not None else table.key[0]
    counts: Counter[tuple[str, str, str | None]] = Counter()
    for case in cases.iter_rows(named=True):
        place = case.get("index")
        identity = rows[owner][place] if isinstance(place, int) and owner in rows.columns else None
        counts[str(case["column"]), str(case["check"]), identity] += 1
    for (column, check, identity), n in sorted(counts.items(), key=str):
        yield {"column": column, "check": check, owner: identity, "rows": n}


def _count_children(entity: Entity, part: Slice, examination: Examination) -> None:
    version = ["id", "extracted_at"]
    aside = part.quarantined.select(version)
    raw = part.raw.join(aside, version, join_type="left anti") if aside.num_rows else part.raw
    for name, frame in miscounted(entity, raw, part.tables).items():
        found = examination.findings[name, COMPLETE]
        found.looked_at += part.tables[name].height
        found.add_all(
            {
                "company": part.company,
                "id": row["id"],
                "elements": row["expected"],
                "rows": row["found"],
            }
            for row in frame.iter_rows(named=True)
        )


def _drifted(found: Unmodeled) -> dict[str, Value]:
    return {
        "path": found.path,
        "type": found.type,
        "count": found.count,
        "first_seen": found.first_seen.isoformat() if found.first_seen else None,
        "last_seen": found.last_seen.isoformat() if found.last_seen else None,
        "example": found.example,
    }


def _version(row: dict[str, object]) -> dict[str, str]:
    return {"company": str(row["_company"]), "id": str(row["id"])}
