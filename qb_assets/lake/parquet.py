"""Tables to Parquet bytes and back, the same bytes for the same table every time."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import cache
from io import BytesIO
from itertools import takewhile
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet

from qb_assets.lake.errors import LakeDataError

# The published types of these are wrong or missing in places that are used here.
pc: Any = pyarrow.compute
pq: Any = pyarrow.parquet
nulls: Any = pa.nulls

# A row group is the least a reader holds: at QuickBooks' 1 to 3 kB a record, about 100 MB.
_ROWS_PER_GROUP = 50_000
# Of fewer rows a dictionary is larger than the values.
_FEW_ROWS = 100
# Of fewer rows a column is a page of a few kB: to make it smaller takes longer than to write it
# (274 rows of 247 columns 7 ms in place of 4, for a sixth of the size), and an index of its pages
# says what the statistics say.
_MANY_ROWS = 5_000
_SMALL_BYTES = 1024 * 1024
# Text longer than this on average is a payload: seldom repeated, never looked up by its range.
_WIDE_TEXT = 64
_TEXTS = {pa.string(), pa.large_string(), pa.binary(), pa.large_binary()}
_PARQUETS_OWN = {
    pa.string(),
    pa.binary(),
    pa.bool_(),
    pa.int32(),
    pa.int64(),
    pa.float64(),
    pa.date32(),
    pa.timestamp("us", "UTC"),
}
_PARQUETS_OWN_KINDS = (pa.types.is_decimal128, pa.types.is_fixed_size_binary)
_OWN_KEYS = {"ARROW:schema", "pandas"}
_SAME_CONTENT = (
    {pa.string(), pa.large_string()},
    {pa.binary(), pa.large_binary()},
)


def encode(table: pa.Table, *, metadata: Mapping[str, str] | None = None) -> bytes:
    """A table as one Parquet file: zstd level 1, with statistics and a page index.

    `metadata` becomes the file's key-value metadata, in place of the table's own. How the table
    is split into chunks has no influence on the bytes. Long text has neither a dictionary nor
    statistics, which would only repeat it, and columns of nulls alone, as most are, have no
    dictionary. Where there are not many rows, nothing but long text is compressed, and there is no
    page index. Arrow's own schema is kept, too, where Parquet's does not say all of it.
    """
    table = table.replace_schema_metadata().combine_chunks()
    texts, told = _texts_and_told(table.schema)
    filled = filled_columns(table)
    wide = {name for name in filled if name in texts and _is_wide(table.column(name))}
    short = [name for name in table.column_names if name not in wide]
    many = table.num_rows >= _MANY_ROWS
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink,
        table.schema,
        compression="zstd" if many else dict.fromkeys(wide, "zstd") or "none",
        compression_level=1 if many else dict.fromkeys(wide, 1) or None,
        use_dictionary=False if table.num_rows < _FEW_ROWS else list(filled - wide),
        write_statistics=short if wide else True,
        write_page_index=many,
        store_schema=not told,
    ) as writer:
        writer.write_table(table, row_group_size=_ROWS_PER_GROUP)
        writer.add_key_value_metadata(dict(sorted((metadata or {}).items())))
    return sink.getvalue().to_pybytes()


def filled_columns(table: pa.Table) -> set[str]:
    """The columns that have values."""
    columns = zip(table.column_names, table.columns, strict=True)
    return {name for name, column in columns if column.null_count < table.num_rows}


def decode(data: bytes, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a Parquet file, all of it or some columns in the order asked, without its metadata.

    Raises LakeDataError when the bytes are no Parquet file or a column is not in it.
    """
    try:
        file: Any = pq.ParquetFile(pa.BufferReader(data))
        held: list[str] = file.schema_arrow.names
        wanted = list(held if columns is None else columns)
        absent = sorted({*wanted} - {*held})
        if absent:
            raise LakeDataError(f"The Parquet object has no column {', '.join(absent)}.")
        # Of small columns threads take longer than the work that they would share.
        table = file.read(columns=wanted, use_threads=len(data) > _SMALL_BYTES).select(wanted)
        # Reading adds each column's number in the file, which says nothing about the table.
        bare = pa.schema([column.remove_metadata() for column in table.schema])
        return pa.Table.from_arrays(table.columns, schema=bare)
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(error) from None


def read_schema(data: bytes) -> pa.Schema:
    """The schema of a Parquet file, without its metadata. Raises LakeDataError."""
    try:
        return pq.read_schema(pa.BufferReader(data)).remove_metadata()
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(error) from None


def has_schema(data: bytes, schema: pa.Schema) -> bool:
    """Whether a Parquet file of a flat table has exactly this schema, but for its metadata.

    The footer begins with the schema, so that of most files it need not be taken apart. Raises
    LakeDataError.
    """
    at = len(data) - footer_bytes(data)
    return data.startswith(_footer_start(schema), max(at, 0)) or read_schema(data) == schema


@cache
def _footer_start(schema: pa.Schema) -> bytes:
    """What the footers of all tables of a schema begin with, up to their numbers of rows."""
    values = list(map(_zero, schema.types))
    tables = (pa.Table.from_arrays([each[:n] for each in values], schema=schema) for n in (0, 1))
    files = [encode(table) for table in tables]
    one, other = (data[-footer_bytes(data) :] for data in files)
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return bytes(byte for byte, _ in alike)


def _zero(kind: pa.DataType) -> Any:
    """One value of a type, whichever, but no null."""
    _, *values = nulls(1, kind).buffers()
    return pa.Array.from_buffers(kind, 1, [None, *values])


def count_rows(data: bytes) -> int:
    """How many rows a Parquet file has. Raises LakeDataError."""
    try:
        return pq.read_metadata(pa.BufferReader(data)).num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(error) from None


def void_columns(data: bytes) -> set[str]:
    """The columns of a flat table that hold nothing but nulls, as far as the file's statistics
    tell: of one without rows all. Raises LakeDataError."""
    try:
        file: Any = pq.read_metadata(pa.BufferReader(data))
    except (pa.ArrowInvalid, OSError) as error:
        raise _unreadable(error) from None
    if not file.num_rows:
        return {column.path for column in file.schema}
    groups = [file.row_group(place) for place in range(file.num_row_groups)]
    chunks = zip(*([g.column(n) for n in range(file.num_columns)] for g in groups), strict=True)
    return {each[0].path_in_schema for each in chunks if all(map(_is_void, each))}


def footer_bytes(end: bytes) -> int:
    """How many bytes a Parquet file's footer takes, by the last eight of them or more.

    The footer alone is enough for `read_schema`, `count_rows` and `read_metadata`. See
    https://parquet.apache.org/docs/file-format/
    """
    return int.from_bytes(end[-8:-4], "little") + 8


def read_metadata(data: bytes) -> dict[str, str]:
    """The key-value metadata that was given to `encode`. Raises LakeDataError."""
    try:
        kept = pl.read_parquet_metadata(BytesIO(data))  # in a sixth of the time of pyarrow
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _unreadable(error) from None
    return {key: value for key, value in kept.items() if key not in _OWN_KEYS}


def align(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with exactly the schema's columns, by name, in the schema's order.

    A missing column becomes nulls. No value is changed: a column of another type is refused,
    unless it is all null, dictionary-encoded, or text of the other offset width. Raises
    LakeDataError for a column of another type, one too many, one named twice, and a null where
    the schema allows none.
    """
    names = Counter(table.column_names)
    extra = sorted({*names} - {*schema.names} | {name for name, n in names.items() if n > 1})
    if extra:
        raise LakeDataError(f"The table has columns its schema has not, or twice: {extra}.")
    fields: list[Any] = list(schema)
    return pa.Table.from_arrays([_aligned(table, names, field) for field in fields], schema=schema)


def concat(tables: Iterable[pa.Table], schema: pa.Schema) -> pa.Table:
    """All rows of the tables, in order, each aligned to the schema; none gives an empty table.

    Raises LakeDataError as `align` does.
    """
    return pa.concat_tables([schema.empty_table(), *(align(table, schema) for table in tables)])


def _aligned(table: pa.Table, names: Container[str], field: Any) -> Any:
    column: Any
    if field.name not in names:
        column = nulls(table.num_rows, field.type)
    else:
        column = table.column(field.name)
        if column.type != field.type:
            if not _same_content(column, field.type):
                raise LakeDataError(
                    f"Column {field.name} is {column.type} and the schema says {field.type}."
                )
            column = column.cast(field.type)
    if not field.nullable and column.null_count:
        raise LakeDataError(f"Column {field.name} has {column.null_count} nulls and may have none.")
    return column


def _same_content(column: Any, wanted: pa.DataType) -> bool:
    given: Any = column.type
    if pa.types.is_dictionary(given):
        given = given.value_type
    if given == wanted or pa.types.is_null(given):
        return True
    return any(given in same and wanted in same for same in _SAME_CONTENT)


def _is_void(chunk: Any) -> bool:
    statistics = chunk.statistics
    return (
        statistics is not None
        and statistics.has_null_count
        and statistics.null_count == chunk.num_values
    )


@cache
def _texts_and_told(schema: pa.Schema) -> tuple[frozenset[str], bool]:
    """The columns of text, and whether Parquet's own schema tells all types."""
    kinds = zip(schema.names, schema.types, strict=True)
    texts = frozenset(name for name, kind in kinds if kind in _TEXTS)
    return texts, all(map(_is_told_by_parquet, schema.types))


def _is_told_by_parquet(kind: pa.DataType) -> bool:
    """Whether a column of this type is read back as one by Parquet's own schema."""
    return kind in _PARQUETS_OWN or any(same(kind) for same in _PARQUETS_OWN_KINDS)


def _is_wide(column: Any) -> bool:
    """Whether a column of text, which has values, is long text on average."""
    filled = len(column) - column.null_count
    if column.nbytes <= _WIDE_TEXT * filled:  # which is more than the text alone
        return False
    total: int = pc.sum(pc.binary_length(column)).as_py() or 0
    return total > _WIDE_TEXT * filled


def _unreadable(error: Exception) -> LakeDataError:
    # pyarrow's text may quote values of the file.
    return LakeDataError(f"The object is no readable Parquet file ({type(error).__name__}).")
