"""OAuth over HTTP: authorization, refresh and rotation, expiry, revocation, refusals."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests

from qb_assets.sandbox.process import start

from .conftest import FREE, Client

BACK = "http://localhost:8000/callback"
SCOPE = "com.intuit.quickbooks.accounting"


@pytest.fixture
def rotating(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox that changes the refresh token at every use."""
    with start(company_dir=company_dir, settings=replace(FREE, rotate_every=0)) as sandbox:
        yield Client(sandbox)


def authorize(client: Client, **changes: str) -> str:
    env = client.sandbox.env
    asked = {
        "client_id": env["QB_CLIENT_ID"],
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": SCOPE,
        "state": "a state",
        **changes,
    }
    return f"{env['QB_AUTHORIZE_URL']}?{urlencode(asked)}"


def returned(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(BACK)
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def connected(client: Client) -> str:
    """The refresh token of a new connection."""
    url = authorize(client, auto="1")
    code = returned(requests.get(url, allow_redirects=False, timeout=10))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return client.token(form).json()["refresh_token"]


def test_a_user_connects(client: Client) -> None:
    url = authorize(client)
    page = requests.get(url, timeout=10)
    assert page.status_code == 200
    assert "Connect Sandbox Company" in page.text
    back = returned(requests.post(url, {"answer": "connect"}, allow_redirects=False, timeout=10))
    assert back["state"] == "a state"
    assert back["realmId"] == client.sandbox.realm_id
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": BACK}
    tokens = client.token(form).json()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 3600
    assert tokens["x_refresh_token_expires_in"] == 8726400
    assert tokens["refresh_token"] != client.sandbox.env["QB_REFRESH_TOKEN"]
    client.use(tokens["access_token"])
    assert client.count("select count(*) from Customer") == 2
    again = client.token(form)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"


def test_a_code_is_for_its_redirect_uri(client: Client) -> None:
    url = authorize(client, auto="1")
    code = returned(requests.get(url, allow_redirects=False, timeout=10))["code"]
    elsewhere = "https://elsewhere.example"
    answer = client.token(
        {"grant_type": "authorization_code", "code": code, "redirect_uri": elsewhere}
    )
    assert answer.json()["error"] == "invalid_grant"


def test_a_user_refuses_and_an_app_asks_wrongly(client: Client) -> None:
    refused = requests.post(
        authorize(client), {"answer": "cancel"}, allow_redirects=False, timeout=10
    )
    assert returned(refused) == {"error": "access_denied", "state": "a state"}
    odd = requests.get(authorize(client, scope="openid"), allow_redirects=False, timeout=10)
    assert returned(odd)["error"] == "invalid_scope"
    foreign = requests.get(authorize(client, client_id="x"), allow_redirects=False, timeout=10)
    assert foreign.status_code == 400


def test_the_refresh_token_rotates_by_its_age(client: Client) -> None:
    first = client.sandbox.env["QB_REFRESH_TOKEN"]
    assert client.refreshed(first)["refresh_token"] == first
    client.sandbox.admin("clock", {"advance": 86_400})
    second = client.refreshed(first)["refresh_token"]
    assert second != first
    assert client.refreshed(first)["error"] == "invalid_grant"
    assert client.refreshed(second)["refresh_token"] == second


def test_rotation_at_every_refresh(rotating: Client) -> None:
    used = rotating.sandbox.env["QB_REFRESH_TOKEN"]
    dead = rotating.token({"grant_type": "refresh_token", "refresh_token": used})
    assert dead.status_code == 400
    assert dead.json() == {
        "error": "invalid_grant",
        "error_description": "Incorrect or invalid refresh token",
    }


def test_reuse_may_end_the_connection(company_dir: Path) -> None:
    settings = replace(FREE, rotate_every=0, revoke_on_reuse=True)
    with start(company_dir=company_dir, settings=settings) as sandbox:
        client = Client(sandbox)
        assert client.ask("select count(*) from Item").status_code == 200
        assert "error" in client.refreshed(sandbox.env["QB_REFRESH_TOKEN"])
        assert client.ask("select count(*) from Item").status_code == 403
        stats = sandbox.admin("stats")
        assert (stats["refreshes"], stats["refused_refreshes"]) == (1, 1)


def test_of_refreshes_at_once_one_wins_and_the_connection_dies(company_dir: Path) -> None:
    settings = replace(FREE, rotate_every=0, revoke_on_reuse=True)
    with start(company_dir=company_dir, settings=settings) as sandbox:
        client = Client(sandbox)
        form = {"grant_type": "refresh_token", "refresh_token": connected(client)}
        with ThreadPoolExecutor(4) as pool:
            calls = [pool.submit(client.token, form) for _ in range(4)]
        answers = [call.result() for call in calls]
        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
        winner = next(answer.json() for answer in answers if answer.ok)
        assert client.refreshed(winner["refresh_token"])["error"] == "invalid_grant"
        client.use(winner["access_token"])
        assert client.ask("select count(*) from Item").status_code == 403


def test_an_access_token_expires(client: Client) -> None:
    client.sandbox.admin("clock", {"advance": 3_601})
    answer = client.ask("select * from Item")
    assert answer.status_code == 401
    fault = answer.json()["fault"]
    assert fault["type"] == "AUTHENTICATION"
    assert fault["error"][0]["code"] == "3200"
    assert fault["error"][0]["detail"].startswith("Token expired")
    client.use(client.refreshed(client.sandbox.env["QB_REFRESH_TOKEN"])["access_token"])
    assert client.ask("select * from Item").status_code == 200
    client.sandbox.admin("expire", {})
    assert client.ask("select * from Item").status_code == 401


def test_a_refresh_token_unused_for_101_days_is_dead(client: Client) -> None:
    client.sandbox.admin("clock", {"advance": 102 * 86_400})
    assert client.refreshed(client.sandbox.env["QB_REFRESH_TOKEN"])["error"] == "invalid_grant"


def test_a_connection_ends_after_five_years_however_often_it_is_used(client: Client) -> None:
    token = client.sandbox.env["QB_REFRESH_TOKEN"]
    asking = {"x-include-refresh-token-hard-expires-in": "true"}
    left = 1_825
    while left > 100:
        client.sandbox.admin("clock", {"advance": 100 * 86_400})
        left -= 100
        form = {"grant_type": "refresh_token", "refresh_token": token}
        granted = client.token(form, asking).json()
        token = granted["refresh_token"]
        hard = granted["x_refresh_token_hard_expires_in"]
        assert left - 1 < hard / 86_400 <= left
        assert granted["x_refresh_token_expires_in"] == min(8_726_400, hard)
    client.sandbox.admin("clock", {"advance": (left + 1) * 86_400})
    assert client.refreshed(token)["error"] == "invalid_grant"


def test_revocation_ends_the_connection(client: Client) -> None:
    env = client.sandbox.env
    keys = (env["QB_CLIENT_ID"], env["QB_CLIENT_SECRET"])
    body = {"token": env["QB_REFRESH_TOKEN"]}
    first = str(client.session.headers["Authorization"]).removeprefix("Bearer ")
    client.connect()
    second = str(client.session.headers["Authorization"]).removeprefix("Bearer ")
    assert first != second
    url = env["QB_REVOKE_URL"]
    assert requests.post(url, json=body, timeout=10).status_code == 401
    assert requests.post(url, json=body, auth=keys, timeout=10).status_code == 200
    assert client.refreshed(env["QB_REFRESH_TOKEN"])["error"] == "invalid_grant"
    for access_token in (first, second):
        client.use(access_token)
        assert client.ask("select * from Item").status_code == 403
    assert requests.post(url, json=body, auth=keys, timeout=10).status_code == 400


def test_wrong_keys_and_grants(steady: Client) -> None:
    env = steady.sandbox.env
    for keys in ((env["QB_CLIENT_ID"], "wrong"), ("", ""), None):
        answer = requests.post(env["QB_TOKEN_URL"], {}, auth=keys, timeout=10)
        assert answer.status_code == 401
        assert answer.json() == {"error": "invalid_client"}
    assert steady.token({"grant_type": "password"}).json()["error"] == "unsupported_grant_type"


def test_the_hard_expiry_comes_when_asked_for(steady: Client) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": steady.sandbox.env["QB_REFRESH_TOKEN"]}
    name = "x_refresh_token_hard_expires_in"
    assert name not in steady.token(form).json()
    asking = {"x-include-refresh-token-hard-expires-in": "true"}
    assert 0 < steady.token(form, asking).json()[name] <= 157_680_000


def test_calls_without_a_good_token(steady: Client) -> None:
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        accept = {"Accept": "application/json"}
        answer = requests.get(f"{steady.root}/query", headers=accept | header, timeout=10)
        assert answer.status_code == 401
        assert answer.json()["fault"]["error"][0]["code"] == "3200"


def test_another_company_is_not_authorized(steady: Client) -> None:
    url = f"{steady.sandbox.base_url}/v3/company/1234/query"
    answer = steady.session.get(url, timeout=10)
    assert answer.status_code == 403
    error = answer.json()["fault"]["error"][0]
    assert error["code"] == "3100"
    assert "ApplicationAuthorizationFailed" in error["message"]


def test_discovery_names_the_endpoints(steady: Client) -> None:
    env = steady.sandbox.env
    found = requests.get(
        f"{steady.sandbox.base_url}/.well-known/openid_sandbox_configuration", timeout=10
    ).json()
    assert found["token_endpoint"] == env["QB_TOKEN_URL"]
    assert found["authorization_endpoint"] == env["QB_AUTHORIZE_URL"]
    assert found["revocation_endpoint"] == env["QB_REVOKE_URL"]
    assert SCOPE in found["scopes_supported"]
