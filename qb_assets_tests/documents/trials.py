"""Random documents that go from raw to normalized, and what must be true of them then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from qb_assets.catalog import omission
from qb_assets_tests.documents.contract import TEMPLATES, has
from qb_assets_tests.documents.generate import Answered, Made, Maker
from qb_assets_tests.documents.passage import Landed, empty_lake, land
from qb_assets_tests.documents.trees import Tree, extras, known, text, undeclared


@dataclass(frozen=True)
class Trial:
    """How a number of documents fared.

    `scalars` are the values in the JSON that were compared, `wrong` is all that went wrong.
    """

    entity: str
    documents: int
    quarantined: int
    scalars: int
    wrong: list[str]


def is_right(trial: Trial) -> bool:
    """Whether all was as it should be, and there was something."""
    return not trial.wrong and trial.scalars > 0


@cache
def answered(path: str) -> bool:
    """Whether QuickBooks answers what is there: all of the contract but what is left out of it."""
    return omission(path) is None


@cache
def answered_of_templates(path: str) -> bool:
    """The same of a template, whose tables are those of all kinds of documents it may be of."""
    _, _, rest = path.partition(".")
    return any(answered(f"{kind}.{rest}") for kind in TEMPLATES if has(kind, rest))


def try_documents(entity: str, count: int, seed: int, *, hostile: bool = False) -> Trial:
    """Lands documents of one seed, and compares what became of each with its JSON."""
    maker = Maker(seed, _known(entity), hostile=hostile)
    return _try(entity, [maker.document(entity, number) for number in range(count)])


def try_long_document(entity: str, lines: int, seed: int) -> Trial:
    """Lands one document with so many lines."""
    return _try(entity, [Maker(seed, _known(entity)).document(entity, 1, lines=lines)])


def _known(entity: str) -> Answered:
    return answered_of_templates if entity == "RecurringTransaction" else answered


def _try(entity: str, documents: Sequence[Made]) -> Trial:
    bodies = [text(made.tree).encode() for made in documents]
    with empty_lake() as lake:
        landed = land(lake, entity, bodies)
    good = [made for made in documents if not made.impossible]
    expected = landed.expected([known(made.tree) for made in good])
    wrong = landed.differences(expected)
    wrong += _aside(landed, documents, bodies)
    wrong += _unmodeled(landed, good, entity)
    found = [found for made in good for found in _extras(made, entity)]
    told = {path for path, holds in found if holds}
    wrong += [f"{path}: not told of" for path in sorted(told) if not landed.told(path)]
    strange = landed.unmodeled.difference(*(landed.told(path) for path, _ in found))
    wrong += [f"{path}: told of, and is not there" for path in sorted(strange)]
    return Trial(entity, len(documents), len(landed.quarantined), expected.scalars, wrong)


def _extras(made: Made, entity: str) -> Iterator[tuple[str, bool]]:
    return extras(_record(made, entity))


def _record(made: Made, entity: str) -> Tree:
    """The document, without the type around it that a template has."""
    [tree] = made.tree.values() if entity == "RecurringTransaction" else [made.tree]
    return tree


def _unmodeled(landed: Landed, documents: Sequence[Made], entity: str) -> list[str]:
    """The records of which `_unmodeled` has other values than were sent beside the declared."""
    sent = [undeclared(_record(made, entity)) for made in documents]
    held = landed.undeclared()
    if len(held) != len(sent):
        return [f"_unmodeled of {len(held)} records in place of {len(sent)}"]
    pairs = enumerate(zip(sent, held, strict=True))
    return [f"{n}: _unmodeled is {have}, not {want}" for n, (want, have) in pairs if want != have]


def _aside(landed: Landed, documents: Sequence[Made], bodies: Sequence[bytes]) -> list[str]:
    """What is not as it was sent in raw, and what of the impossible is not set aside."""
    wrong = [] if list(landed.raw.values()) == list(bodies) else ["raw has other bytes"]
    impossible = {
        key: body
        for (key, body), made in zip(landed.raw.items(), documents, strict=True)
        if made.impossible
    }
    return wrong + [
        f"{key}: not in quarantine as it should be"
        for key in sorted(impossible.keys() | landed.quarantined.keys())
        if landed.quarantined.get(key) != impossible.get(key)
    ]
