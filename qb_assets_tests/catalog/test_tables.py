"""Names of tables and columns, and what they are read from."""

import re

import pytest

from qb_assets.catalog import ENTITIES, Entity, Kind, column_at, entity, tables_of
from qb_assets.catalog.fields import Node, array, decimal, obj, ref, text
from qb_assets.catalog.naming import joined, singular, snake
from qb_assets.catalog.tables import Table

TABLES = {table.name: table for each in ENTITIES.values() for table in tables_of(each)}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TxnDate", "txn_date"),
        ("POStatus", "po_status"),
        ("PONumber", "po_number"),
        ("AllowOnlineACHPayment", "allow_online_ach_payment"),
        ("HomeTotalAmt", "home_total_amt"),
        ("Line1", "line1"),
        ("URI", "uri"),
        ("V4IDPseudonym", "v4id_pseudonym"),
        ("T4AEligible", "t4a_eligible"),
        ("T5018Eligible", "t5018_eligible"),
        ("Vendor1099", "vendor1099"),
        ("FOB", "fob"),
        ("invoiceStatus", "invoice_status"),
        ("CreditCardPayment", "credit_card_payment"),
    ],
)
def test_names_in_snake_case(name: str, expected: str) -> None:
    assert snake(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("custom_extensions", "custom_extension"),
        ("linked_txn", "linked_txn"),
        ("entries", "entry"),
        ("addresses", "address"),
        ("class", "class"),
        ("status", "status"),
    ],
)
def test_names_in_the_singular(name: str, expected: str) -> None:
    assert singular(name) == expected


@pytest.mark.parametrize(
    ("table", "column", "path"),
    [
        ("invoice", "customer_id", ("CustomerRef", "value")),
        ("invoice", "customer_name", ("CustomerRef", "name")),
        ("invoice", "customer_memo", ("CustomerMemo", "value")),
        ("invoice", "bill_addr_line1", ("BillAddr", "Line1")),
        ("invoice", "bill_email_address", ("BillEmail", "Address")),
        ("invoice", "meta_data_create_time", ("MetaData", "CreateTime")),
        ("invoice", "txn_tax_detail_total_tax", ("TxnTaxDetail", "TotalTax")),
        ("bill", "ap_account_id", ("APAccountRef", "value")),
        ("bill_payment", "credit_card_payment_cc_account_id", None),
        ("purchase", "entity_type", ("EntityRef", "type")),
        ("purchase_any", "value_name", ("value", "Name")),
        ("invoice_line", "sales_item_line_detail_item_id", None),
        ("deposit_line", "deposit_line_detail_entity_type", None),
        ("customer", "primary_phone_free_form_number", None),
        ("preferences", "currency_prefs_home_currency_id", None),
    ],
)
def test_names_of_columns(table: str, column: str, path: tuple[str, ...] | None) -> None:
    found = {each.name: each for each in TABLES[table].columns}
    assert column in found
    assert path is None or found[column].path == path


@pytest.mark.parametrize(
    ("table", "parent", "path", "parent_keys"),
    [
        ("invoice", None, (), ()),
        ("invoice_line", "invoice", ("Line",), ("invoice_id",)),
        ("invoice_tax_line", "invoice", ("TxnTaxDetail", "TaxLine"), ("invoice_id",)),
        ("invoice_linked_txn", "invoice", ("LinkedTxn",), ("invoice_id",)),
        (
            "invoice_line_linked_txn",
            "invoice_line",
            ("LinkedTxn",),
            ("invoice_id", "line_position"),
        ),
        (
            "invoice_line_line",
            "invoice_line",
            ("GroupLineDetail", "Line"),
            ("invoice_id", "line_position"),
        ),
        ("payment_line_any", "payment_line", ("LineEx", "any"), ("payment_id", "line_position")),
        (
            "tax_code_sales_tax_rate_list_tax_rate_detail",
            "tax_code",
            ("SalesTaxRateList", "TaxRateDetail"),
            ("tax_code_id",),
        ),
        (
            "preferences_custom_field_custom_field",
            "preferences_custom_field",
            ("CustomField",),
            ("preferences_id", "custom_field_position"),
        ),
    ],
)
def test_child_tables(
    table: str, parent: str | None, path: tuple[str, ...], parent_keys: tuple[str, ...]
) -> None:
    found = TABLES[table]
    assert found.parent == parent
    assert found.array_path == path
    assert found.parent_keys == parent_keys
    assert found.key == ((*parent_keys, "position") if parent else ("id",))


def test_a_column_named_as_the_key_of_its_parent_is_told_apart() -> None:
    table = TABLES["item_item_group_line"]
    assert table.parent_keys == ("item_id",)
    assert "item_group_line_item_id" in {column.name for column in table.columns}


def test_a_column_is_found_by_the_path_of_its_value() -> None:
    table, column = column_at(entity("Payment"), ("Line", "LinkedTxn", "TxnType"))
    assert (table.name, column.name) == ("payment_line_linked_txn", "txn_type")
    with pytest.raises(KeyError, match=r"no column for Payment\.Line\.Nothing"):
        column_at(entity("Payment"), ("Line", "Nothing"))


def test_only_the_key_is_required() -> None:
    for table in TABLES.values():
        required = [column.name for column in table.columns if not column.nullable]
        assert required == ([] if table.parent else list(table.key))


def test_parents_come_before_their_children() -> None:
    for each in ENTITIES.values():
        tables = tables_of(each)
        assert tables[0].name == each.table
        seen: set[str] = set()
        for table in tables:
            assert table.parent is None or table.parent in seen
            seen.add(table.name)


def test_tables_have_names_of_their_own() -> None:
    names = [table.name for each in ENTITIES.values() for table in tables_of(each)]
    assert len(names) == len(set(names))
    for table in TABLES.values():
        for name in (table.name, *(column.name for column in table.columns)):
            assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert table.doc


def test_lines_are_of_bearable_width() -> None:
    widths = {name: len(table.columns) for name, table in TABLES.items() if name.endswith("_line")}
    assert widths.pop("recurring_transaction_line") < 200  # of templates, which are few
    assert max(widths.values()) < 100


def test_every_entity_has_tables() -> None:
    assert all(tables_of(each) for each in ENTITIES.values())


def test_an_entity_that_is_kept_raw_only_has_no_tables() -> None:
    assert _tables() == ()


def test_every_name_fits_postgres() -> None:
    for table in TABLES.values():
        assert len(f"{table.name}_history") <= 63
        for name in (*table.parent_keys, *(column.name for column in table.columns)):
            assert len(name) <= 63, (table.name, name)


@pytest.mark.parametrize(
    ("table", "column", "path"),
    [
        (
            "invoice",
            "credit_card_payment_card_security_code_match",
            "CreditCardPayment.CreditChargeResponse.CardSecurityCodeMatch",
        ),
        (
            "bill_payment",
            "credit_card_payment_cc_detail_bill_addr_street",
            "CreditCardPayment.CCDetail.CreditChargeInfo.BillAddrStreet",
        ),
        (
            "bill_line",
            "account_based_expense_line_detail_mark_up_income_account_id",
            "AccountBasedExpenseLineDetail.MarkupInfo.MarkUpIncomeAccountRef.value",
        ),
        (
            "preferences",
            "tracking_on_purchase_transactions_enabled",
            "AdvancedInventoryPrefs.TrackingOnPurchaseTransactionsEnabled",
        ),
    ],
)
def test_a_long_name_leaves_out_what_is_nearest_to_the_value(
    table: str, column: str, path: str
) -> None:
    found = {each.path: each.name for each in TABLES[table].columns}
    assert found[tuple(path.split("."))] == column


def test_names_on_the_way_are_left_out_until_the_whole_fits() -> None:
    way = ("a" * 20, "b" * 20, "c" * 20, "d" * 20)
    assert joined(way, 83) == "_".join(way)
    assert joined(way, 82) == "_".join([way[0], way[1], way[3]])
    assert joined(way, 61) == "_".join([way[0], way[3]])
    assert joined(way, 40) == way[3]
    with pytest.raises(ValueError, match="has 20 characters, 19 are kept; declare a shorter"):
        joined(way, 19)


def test_a_table_far_down_leaves_out_what_is_nearest_to_it() -> None:
    found = TABLES["recurring_transaction_line_line_associated_value"]
    assert found.parent == "recurring_transaction_line_line_custom_extension"


def test_a_line_within_a_line_is_told_apart_from_it() -> None:
    found = TABLES["invoice_line_line_linked_txn"]
    assert found.parent_keys == ("invoice_id", "line_position", "line_line_position")


def test_closed_sets_reach_the_column() -> None:
    (column,) = [
        column
        for column in TABLES["journal_entry_line"].columns
        if column.name == "journal_entry_line_detail_posting_type"
    ]
    assert column.allowed == ("Debit", "Credit")
    assert column.kind is Kind.TEXT


def _tables(*fields: Node) -> tuple[Table, ...]:
    made_up = Entity(name="Widget", description="One widget.", kind="list", fields=fields)
    return tables_of(made_up)


def test_a_made_up_entity_needs_its_declaration_only() -> None:
    widget, part = _tables(text("Id"), ref("OwnerRef"), array("Parts", decimal("Weight")))
    assert [column.name for column in widget.columns] == ["id", "owner_id", "owner_name"]
    assert (part.name, part.parent_keys) == ("widget_part", ("widget_id",))
    assert part.key == ("widget_id", "position")


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Widget declares columns of widget .*: owner_id"):
        _tables(text("Id"), ref("OwnerRef"), text("OwnerId"))


def test_two_tables_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match=r"Widget declares tables .*: widget_part_bolt"):
        _tables(text("Id"), array("Part", array("Bolt", text("A"))), array("PartBolt", text("A")))


def test_arrays_of_one_name_are_told_apart_by_the_object_around_them() -> None:
    names = [
        table.name
        for table in _tables(
            text("Id"),
            obj("Left", array("Part", text("A"))),
            obj("Right", array("Part", text("A"))),
            array("Part", text("A")),
        )
    ]
    assert names == ["widget", "widget_left_part", "widget_right_part", "widget_part"]


def test_a_key_that_is_not_declared_is_refused() -> None:
    with pytest.raises(ValueError, match="Widget has the key Id"):
        _tables(text("Name"))


def test_an_unknown_entity_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(KeyError, match=r"no entity 'Invoices'.*Invoice, "):
        entity("Invoices")


def test_the_entities_are_in_the_order_of_their_names() -> None:
    assert list(ENTITIES) == sorted(ENTITIES)
