"""The currencies of a company that has several, and their daily rates."""

from .currencies import FOREIGN, NAMES
from .days import DAY, FOUNDED
from .encode import Fragments, Row, assemble, quote, rate_text
from .model import HOME
from .world import World


def currencies(texts: Fragments) -> list[Row]:
    """CompanyCurrency: the foreign currencies in use."""
    return [
        (
            str(number),
            assemble(
                [
                    f'"Code":"{code}","Name":{quote(NAMES[code])},"Active":true',
                    texts.listed(str(number), FOUNDED, FOUNDED),
                ],
                0,
            ),
            FOUNDED,
        )
        for number, code in enumerate(FOREIGN, start=1)
    ]


def exchange_rates(world: World, texts: Fragments) -> list[Row]:
    """ExchangeRate, which has no Id: one for each currency and day, set before the office opens."""
    rows: list[Row] = []
    for code, as_of, day, rate in world.rates.listed():
        moment = day * DAY + FOUNDED
        parts = [
            f'"SyncToken":"0","domain":"QBO","AsOfDate":"{as_of.isoformat()}"',
            f'"SourceCurrencyCode":"{code}","Rate":{rate_text(rate)},"sparse":false',
            f'"TargetCurrencyCode":"{HOME}"',
            f'"MetaData":{{"LastUpdatedTime":"{texts.stamp(moment)}"}}',
        ]
        rows.append(("", assemble(parts, 0), moment))
    return rows
