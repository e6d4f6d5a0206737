"""Random JSON documents of an entity, as text, so that each number is the literal it was given."""

import json
from collections.abc import Sequence

from hypothesis import strategies as st

from qb_assets.catalog.fields import Array, Field, Kind, Node, Object, Ref

digits = st.integers(-(10**15), 10**15).map(str)
decimals = st.one_of(
    digits,
    st.sampled_from(["0", "-0", "0.0", "1201.0", "0.0000000001", "1e2", "1.5E-3", "10.50"]),
    st.builds("{}.{:04d}".format, st.integers(-(10**9), 10**9), st.integers(0, 9999)),
)
integers = st.one_of(st.integers(-(10**9), 10**9).map(str), st.integers(0, 99).map("{}.0".format))
# No lone surrogates, which no UTF-8 has; everything else, NUL and line ends too.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).map(json.dumps)
days = st.dates().map(lambda day: f'"{day.isoformat()}"')
offsets = st.sampled_from(["Z", "-08:00", "+05:30", "+00:00"])
moments = st.datetimes().map(lambda moment: moment.isoformat(timespec="seconds"))
instants = st.builds('"{}{}"'.format, moments, offsets)
flags = st.sampled_from(["true", "false"])

SCALARS = {
    Kind.TEXT: texts,
    Kind.FLAG: flags,
    Kind.INTEGER: integers,
    Kind.DECIMAL: decimals,
    Kind.DATE: days,
    Kind.INSTANT: instants,
}


def document(nodes: Sequence[Node], identity: str) -> st.SearchStrategy[str]:
    """A record with this Id and any of the properties, in any order."""
    others = [node for node in nodes if node.name != "Id"]
    return members(others, 12).map(
        lambda text: f'{{"Id": "{identity}"{"," if text else ""}{text}}}'
    )


def members(nodes: Sequence[Node], most: int) -> st.SearchStrategy[str]:
    """Some of the properties of an object, as text without the braces."""
    if not nodes:
        return st.just("")
    chosen = st.lists(st.sampled_from(list(nodes)), unique_by=lambda n: n.name, max_size=most)
    return chosen.flatmap(lambda some: st.tuples(*(pair(node) for node in some)).map(",".join))


def pair(node: Node) -> st.SearchStrategy[str]:
    """A property with a value or null."""
    name = json.dumps(node.name)
    return st.one_of(value(node), st.just("null")).map(lambda text: f"{name}: {text}")


def value(node: Node) -> st.SearchStrategy[str]:
    """The text of a value of a node."""
    if isinstance(node, Field):
        found = SCALARS[node.kind]
        if node.allowed:
            found = st.sampled_from(node.allowed).map(json.dumps)
        return found
    if isinstance(node, Ref):
        names = ["value", "name", "type"] if node.typed else ["value", "name"]
        return st.lists(st.sampled_from(names), unique=True).flatmap(
            lambda some: st.tuples(*(texts.map(f'"{each}": {{}}'.format) for each in some)).map(
                lambda parts: "{" + ",".join(parts) + "}"
            )
        )
    inner = members(node.fields, 5).map(lambda text: "{" + text + "}")
    if isinstance(node, Object):
        return inner
    assert isinstance(node, Array)
    return st.lists(inner, max_size=3).map(lambda items: "[" + ",".join(items) + "]")
