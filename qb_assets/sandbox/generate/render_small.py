"""The lists of a few rows: classes, departments, terms, payment methods, customer types, taxes."""

from . import offerings
from .days import FOUNDED
from .encode import Fragments, Row, assemble, decimal, flag, qualified, quote, shown
from .offerings import Sorting


def _sorted(rows: tuple[Sorting, ...], texts: Fragments, sub: str) -> list[Row]:
    made: list[Row] = []
    for row in rows:
        parts = [
            f'"Name":{shown(row.name, row.active)}',
            f'"{sub}":{flag(row.parent >= 0)}',
        ]
        if row.parent >= 0:
            parts.append(f'"ParentRef":{{"value":"{rows[row.parent].id}"}}')
        parts += [
            f'"FullyQualifiedName":{shown(qualified(rows, row), row.active)}',
            f'"Active":{flag(row.active)}',
            texts.listed(row.id, FOUNDED, FOUNDED),
        ]
        made.append((row.id, assemble(parts, 0), FOUNDED))
    return made


def _simple(rows: list[tuple[str, str]], texts: Fragments) -> list[Row]:
    """Rows from (Id, the fields of the record as JSON text)."""
    return [
        (row_id, assemble([fields, texts.listed(row_id, FOUNDED, FOUNDED)], 0), FOUNDED)
        for row_id, fields in rows
    ]


def _tax_code(code_id: str) -> str:
    name, rate_ids = offerings.TAX_CODES[code_id]
    rates = ",".join(
        f'{{"TaxRateRef":{{"value":"{rate}","name":"{offerings.RATES[rate].name}"}},'
        '"TaxTypeApplicable":"TaxOnAmount","TaxOrder":0}'
        for rate in rate_ids
    )
    return (
        f'"Name":"{name}","Description":"{name}","Active":true,"Taxable":true,"TaxGroup":true,'
        f'"SalesTaxRateList":{{"TaxRateDetail":[{rates}]}},'
        '"PurchaseTaxRateList":{"TaxRateDetail":[]}'
    )


def _pseudo_code(name: str, taxable: bool) -> str:
    return (
        f'"Name":"{name}","Description":"{name}","Active":true,"Taxable":{flag(taxable)},'
        '"TaxGroup":false'
    )


def small_lists(texts: Fragments) -> dict[str, list[Row]]:
    """The lists of a few rows each, by entity name."""
    codes = [("TAX", _pseudo_code("TAX", True)), ("NON", _pseudo_code("NON", False))]
    codes += [(code_id, _tax_code(code_id)) for code_id in offerings.TAX_CODES]
    terms = [
        f'"Name":"{name}","Active":true,"Type":"STANDARD","DiscountPercent":0,"DueDays":{days}'
        for _, name, days in offerings.TERMS
    ]
    rates = [
        f'"Name":"{rate.name}","Description":"Sales Tax","Active":true,'
        f'"RateValue":{decimal(rate.thousandths, 3)},"AgencyRef":{{"value":"{rate.agency}"}},'
        '"SpecialTaxType":"NONE","DisplayType":"ReadOnly",'
        f'"EffectiveTaxRate":[{{"RateValue":{decimal(rate.thousandths, 3)},'
        f'"EffectiveDate":"2010-01-01T00:00:00-08:00"}}]'
        for rate in offerings.RATES.values()
    ]
    agencies = [
        (
            agency_id,
            f'"DisplayName":{quote(name)},"TaxTrackedOnSales":true,"TaxTrackedOnPurchases":false',
        )
        for agency_id, name in offerings.AGENCIES
    ]
    methods = [
        (method_id, f'"Name":{quote(name)},"Active":true,"Type":"{kind}"')
        for method_id, name, kind in offerings.METHODS
    ]
    types = [
        (type_id, f'"Name":{quote(name)},"Active":true')
        for type_id, name in offerings.CUSTOMER_TYPES
    ]
    term_ids = [term[0] for term in offerings.TERMS]
    return {
        "Class": _sorted(offerings.CLASSES, texts, "SubClass"),
        "Department": _sorted(offerings.DEPARTMENTS, texts, "SubDepartment"),
        "Term": _simple(list(zip(term_ids, terms, strict=True)), texts),
        "PaymentMethod": _simple(methods, texts),
        "CustomerType": _simple(types, texts),
        "TaxCode": _simple(codes, texts),
        "TaxRate": _simple(list(zip(offerings.RATES, rates, strict=True)), texts),
        "TaxAgency": _simple(agencies, texts),
    }
