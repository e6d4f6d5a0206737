"""Random single values: such as QuickBooks answers, and such as no column takes."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from random import Random

from qb_assets_tests.documents.trees import Extra, Number, Tree

TEXTS = (
    *("", " ", "Amy's Bird Sanctuary", "Name:Sub:Sub", "2026-01-01", "true", "null", "1.10", "{}"),
    *("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1+1)*cmd", "\t=1+1"),
    *("Robert'); DROP TABLE invoice;--", '"; DELETE FROM raw; --', "' OR 1=1 --", "$1", "%s"),
    *("😀🧾", "𝔄𝔟𝔠𠮷", "Ünïcödé", "日本語", "e\u0301", "\u202eabc", "\ufeffabc", "\u2028"),
    *("\0", "a\0b", "line\nbreak\r\n", "\\", '"', "\\u0041", "\x7f\x1b[31m", "x" * 5_000),
)

DECIMALS = (
    *("0", "-0", "0.0", "1201.0", "10.50", "1e2", "1.5E-3", "12E+3", "0.0000000001", "-1E-10"),
    *("9" * 28 + "." + "9" * 10, "-" + "9" * 28, "123456789012345678.0123456789", "0e5"),
)

TOO_BIG = ("1" + "0" * 28, "9" * 39, "-" + "9" * 60, "1e40", "1E+300", "9" * 400, "1e28")
TOO_FINE = ("0.12345678901", "1e-11", "1E-300", "0." + "1" * 40, "9" * 28 + "." + "9" * 11)

NAMES = (
    *("Novelty", "x; DROP TABLE invoice;--", 'a"b', "a'b", "a b", "a.b", "a[]", "$.*", "[*]"),
    *("😀", "n" * 500, "=1+1", "\\", "é", "日本", "\n"),
    *("Select", "_company", "position", "_extracted_at"),
)
"""Names that the contract has not."""


def plain(random: Random, kind: str) -> Tree:
    """A value of a kind, as its column holds it to the digit."""
    match kind:
        case "flag":
            return random.random() < 0.5
        case "integer":
            digits = random.randrange(10 ** random.randint(1, 18))
            return Number(f"{random.choice(['', '-'])}{digits}{random.choice(['', '', '.0'])}")
        case "decimal":
            return _decimal(random)
        case "date":
            return str(date(1970, 1, 1) + timedelta(days=random.randrange(40_000)))
        case "instant":
            return _instant(random)
        case _:
            return _text(random)


def _text(random: Random) -> str:
    if random.random() < 0.5:
        return random.choice(TEXTS)
    return "".join(chr(random.randrange(0x20, 0xD800)) for _ in range(random.randint(1, 12)))


def _decimal(random: Random) -> Number:
    if random.random() < 0.3:
        return Number(random.choice(DECIMALS))
    whole = random.randrange(10 ** random.randint(1, 18))
    places = random.randint(0, 10)
    fraction = f".{random.randrange(10**places):0{places}d}" if places else ""
    return Number(f"{random.choice(['', '-'])}{whole}{fraction}")


def _instant(random: Random) -> str:
    moment = datetime.fromtimestamp(random.randrange(2_000_000_000), timezone.utc)
    fraction = random.choice(["", "", f".{random.randrange(1000):03d}", ".000001"])
    offset = random.choice(["Z", "-07:00", "-08:00", "+05:30", "+00:00", "+14:00"])
    return f"{moment:%Y-%m-%dT%H:%M:%S}{fraction}{offset}"


def impossible(random: Random, kind: str) -> Tree:
    """A value that a column of this kind cannot hold."""
    number = Number(random.choice(["0", "1.5"]))
    anything: list[Tree] = [{"a": number}, [number], ["x"]]
    match kind:
        case "flag":
            anything += ["yes", "true", number]
        case "integer":
            anything += [Number("1.5"), Number("9" * 19), Number("1e30"), "five", True]
        case "decimal":
            anything += [Number(each) for each in (*TOO_BIG, *TOO_FINE)] + ["five", False]
        case "date":
            anything += ["2026-02-30", "tomorrow", "2026-02-03T10:00:00", number, True]
        case "instant":
            anything += ["noon", "2026-13-01T00:00:00Z", number, True]
        case _:
            anything += [number, True]
    return random.choice(anything)


def novelty(random: Random, depth: int = 0) -> Extra:
    """A value of any shape, for a property that nobody knows."""
    return Extra(_anything(random, depth))


def _anything(random: Random, depth: int) -> Tree:
    if depth < 3 and random.random() < 0.4:
        inner = [_anything(random, depth + 1) for _ in range(random.randint(0, 3))]
        if random.random() < 0.5:
            return inner
        return {random.choice(NAMES): value for value in inner}
    kind = random.choice(["flag", "integer", "decimal", "date", "instant", "text", "null", "huge"])
    if kind == "huge":
        return Number(random.choice([*TOO_BIG, *TOO_FINE]))
    return None if kind == "null" else plain(random, kind)
