import pickle
import re
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from qb_assets.quickbooks import faults
from qb_assets.quickbooks.fault_shapes import plain
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.verdict import Answer, verdict

SECRET = "eyJlbmMiOiJBMTI4Q0JDLUhTMjU2IiwiYWxnIjoiZGlyIn0..0BkYX9"
THROTTLE = "message=ThrottleExceeded; errorCode=003001; statusCode={}"


def api(code: str, message: str = "A Problem", detail: str = "", type_: str = "ValidationFault"):
    return (
        f'{{"Fault":{{"Error":[{{"Message":"{message}","Detail":"{detail}","code":"{code}",'
        f'"element":""}}],"type":"{type_}"}},"time":"2026-01-01T00:00:00.000-08:00"}}'
    ).encode()


def gateway(code: str, name: str, status: int, detail: str = "") -> bytes:
    return (
        '{"warnings":null,"intuitObject":null,"fault":{"error":[{"message":'
        f'"message={name}; errorCode=00{code}; statusCode={status}","detail":"{detail}",'
        f'"code":"{code}","element":null}}],"type":"AUTHENTICATION"}},"time":1730024394085}}'
    ).encode()


def xml(code: str, message: str, type_: str = "SERVICE") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><IntuitResponse time="2026" '
        f'xmlns="http://schema.intuit.com/finance/v3"><Fault type="{type_}"><Error code="{code}">'
        f"<Message>{message}</Message><Detail>d</Detail></Error></Fault></IntuitResponse>"
    ).encode()


HTML = b"<!DOCTYPE html><html><body>Bad Gateway</body></html>"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, api("4000"), faults.QueryRejected),
        (400, api("4001", detail="value 1500 is too large"), faults.QueryRejected),
        (200, api("4001"), faults.QueryRejected),
        (400, api("610"), faults.NotFound),
        (400, api("6190"), faults.CompanyLapsed),
        (400, api("6240"), faults.RequestRefused),
        (400, api("5030"), faults.FeatureUnavailable),
        (400, api("5020"), faults.NotAuthorised),
        (500, api("10000"), faults.BadRecord),
        (500, api("500", type_="SystemFault"), faults.ServerUnavailable),
        (200, api("500", type_="SystemFault"), faults.ServerUnavailable),
        (400, api("500"), faults.FeatureUnavailable),
        (500, api("120"), faults.ServerUnavailable),
        (400, api("120"), faults.NotAuthorised),
        (500, gateway("3100", "InternalServerError", 500), faults.ServerUnavailable),
        (200, api("10000"), faults.BadRecord),
        (400, api("150"), faults.ServerUnavailable),
        (500, api("999", type_="SystemFault"), faults.ServerUnavailable),
        (401, gateway("3200", "AuthenticationFailed", 401), faults.TokenExpired),
        (403, gateway("3100", "ApplicationAuthorizationFailed", 403), faults.UnknownCompany),
        (429, gateway("3001", "ThrottleExceeded", 429), faults.Throttled),
        (429, xml("3001", THROTTLE.format(429)), faults.Throttled),
        (403, xml("3001", THROTTLE.format(403)), faults.Throttled),
        (403, xml("", THROTTLE.format(403)), faults.Throttled),
        (401, xml("3200", "message=AuthenticationFailed", "AUTHENTICATION"), faults.TokenExpired),
        (429, HTML, faults.Throttled),
        (429, b"", faults.Throttled),
        (502, HTML, faults.ServerUnavailable),
        (503, b"upstream connect error", faults.ServerUnavailable),
        (504, b"", faults.ServerUnavailable),
        (403, HTML, faults.NotAuthorised),
        (404, HTML, faults.RequestRefused),
        (302, b"", faults.RequestRefused),
        (200, HTML, faults.BadAnswer),
        (200, b"", faults.BadAnswer),
        (200, b'{"QueryResponse":{"Invoice":[{"Id":"1"', faults.BadAnswer),
        (400, b'{"error":"invalid_grant","error_description":"x"}', faults.ReconnectNeeded),
        (401, b'{"error":"invalid_client"}', faults.WrongCredentials),
    ],
)
def test_every_shape_has_its_type(status: int, body: bytes, kind: type[QuickBooksError]) -> None:
    error = verdict(Answer(status, {}, body), company="123", entity="Invoice")
    assert type(error) is kind
    assert "company 123" in str(error)
    assert "\n" not in str(error)
    assert error is not None
    assert error.what_to_do


def test_good_answers_have_no_fault() -> None:
    for body in (b'{"QueryResponse":{}}', b'{"fault":null,"QueryResponse":{}}'):
        assert verdict(Answer(200, {}, body), company=None, entity=None) is None


def test_an_error_says_where_what_and_the_remedy_in_one_line() -> None:
    headers = {"intuit_tid": "1-65f-abc"}
    answer = Answer(400, headers, api("4001", detail="value 1500 is too large. Max is 1000"))
    assert str(verdict(answer, company="123", entity="Invoice")) == (
        "company 123, Invoice: the query is not valid: value 1500 is too large. Max is 1000 "
        "(code 4001, HTTP 400, intuit_tid 1-65f-abc). Check what the catalog says of the entity "
        "(query name, properties, cursor)."
    )
    lost = verdict(Answer(400, {}, b'{"error":"invalid_grant"}'), company="123", entity=None)
    assert "qb-assets connect --company 123" in str(lost)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, gateway("3200", "AuthenticationFailed", 401, f"Token expired: {SECRET}")),
        (400, api("4001", detail=f"near {SECRET} and 'Jane Doe'")),
        (400, api("6240", "Duplicate Name Exists Error", "Jane Doe is already used")),
        (400, api("2500", SECRET, SECRET)),
        (400, api(SECRET)),
        (400, f'{{"error":"{SECRET}","error_description":"{SECRET}"}}'.encode()),
        (400, f'{{"error":"invalid_grant","error_description":"{SECRET}"}}'.encode()),
        (500, xml("10000", SECRET)),
    ],
)
def test_no_secret_and_no_record_is_shown(status: int, body: bytes) -> None:
    answer = Answer(status, {"intuit_tid": f"<{SECRET}>"}, body)
    error = verdict(answer, company="123", entity="Customer")
    shown = f"{error} {error!r} {vars(error)}"
    assert SECRET not in shown
    assert "Jane Doe" not in shown


def test_plain_is_short_and_one_line() -> None:
    shown = plain("a\nb " + "word " * 100)
    assert "\n" not in shown
    assert len(shown) <= 161


def test_retry_after_is_seconds_or_a_date() -> None:
    def asked(value: str, **headers: str) -> float | None:
        answer = Answer(429, {"Retry-After": value, **headers}, b"")
        error = verdict(answer, company=None, entity=None)
        assert error is not None
        return error.retry_after

    assert asked("7") == 7.0
    assert asked("soon") is None
    assert asked("²") is None
    assert asked("-5") is None
    assert asked("") is None
    later = asked(format_datetime(datetime.now(timezone.utc) + timedelta(seconds=30)))
    assert later is not None
    assert 25 < later <= 30
    # By the server's own clock, so that this machine's may be wrong by hours.
    minute, second = "Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT"
    assert asked(minute, Date=second) == 60.0
    assert asked(second, Date=minute) == 0.0


def test_every_error_survives_pickling_and_says_what_to_do() -> None:
    kinds = [kind for kind in vars(faults).values() if isinstance(kind, type)]
    for kind in kinds:
        if not issubclass(kind, QuickBooksError) or kind is QuickBooksError:
            continue
        error = kind("it broke", company="9", code="1", retry_after=2.0, what_to_do=None)
        again = pickle.loads(pickle.dumps(error))
        assert (str(again), again.retry_after, type(again)) == (str(error), 2.0, kind)
        assert kind.remedy or kind is faults.ConfigurationError
        assert not re.search(r"[{}]", str(error))
