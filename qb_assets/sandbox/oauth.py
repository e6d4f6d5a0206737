"""Intuit's OAuth 2 endpoints: discovery, authorization page, token and revocation."""

from __future__ import annotations

import base64
import binascii
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from .state import Sandbox
from .tokens import OAuthError

BEARER_PATH = "/oauth2/v1/tokens/bearer"
AUTHORIZE_PATH = "/connect/oauth2"
REVOKE_PATH = "/v2/oauth2/tokens/revoke"
SCOPE = "com.intuit.quickbooks.accounting"
_HARD_HEADER = "x-include-refresh-token-hard-expires-in"

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Connect</title></head>
<body><main><h1>Connect {name} to this app?</h1>
<p>Company {realm}. The app will read and write its accounting data.</p>
<form method="post">
<button name="answer" value="connect">Connect</button>
<button name="answer" value="cancel">No thanks</button></form></main></body></html>"""


def oauth_routes(sandbox: Sandbox) -> list[Route]:
    """The routes under which Intuit's authorization server answers."""
    endpoints = _Endpoints(sandbox)
    return [
        Route("/.well-known/openid_configuration", endpoints.discovery),
        Route("/.well-known/openid_sandbox_configuration", endpoints.discovery),
        Route(AUTHORIZE_PATH, endpoints.authorize, methods=["GET", "POST"]),
        Route(BEARER_PATH, endpoints.token, methods=["POST"]),
        Route(REVOKE_PATH, endpoints.revoke, methods=["POST"]),
    ]


class _Endpoints:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._tokens = sandbox.tokens

    async def discovery(self, request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return JSONResponse(
            {
                "issuer": base,
                "authorization_endpoint": base + AUTHORIZE_PATH,
                "token_endpoint": base + BEARER_PATH,
                "revocation_endpoint": base + REVOKE_PATH,
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "scopes_supported": ["openid", "email", "profile", "address", "phone", SCOPE],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }
        )

    async def authorize(self, request: Request) -> Response:
        """The page on which a user lets the app in; `auto=1` stands for a click on Connect."""
        asked = dict(request.query_params)
        back = asked.get("redirect_uri", "")
        if asked.get("client_id") != self._sandbox.settings.client_id:
            return HTMLResponse("The client_id is not this app's.", 400)
        if urlsplit(back).scheme not in ("http", "https"):
            return HTMLResponse("The redirect_uri is invalid.", 400)
        state = {"state": asked["state"]} if "state" in asked else {}
        if asked.get("response_type") != "code":
            return _redirect(back, {"error": "unsupported_response_type", **state})
        if SCOPE not in asked.get("scope", "").split():
            return _redirect(back, {"error": "invalid_scope", **state})
        answer = "connect" if asked.get("auto") == "1" else ""
        if request.method == "POST":
            answer = (await _form(request)).get("answer", "cancel")
        if answer == "connect":
            code = self._tokens.issue_code(back)
            realm = self._sandbox.books.realm_id
            return _redirect(back, {"code": code, **state, "realmId": realm})
        if answer:
            return _redirect(back, {"error": "access_denied", **state})
        books = self._sandbox.books
        return HTMLResponse(_PAGE.format(name=escape(books.name), realm=escape(books.realm_id)))

    async def token(self, request: Request) -> Response:
        try:
            self._authenticate(request)
            form = await _form(request)
            grant = form.get("grant_type")
            if grant == "authorization_code":
                access, refresh = self._tokens.exchange(
                    form.get("code", ""), form.get("redirect_uri", "")
                )
            elif grant == "refresh_token":
                access, refresh = self._refresh(form.get("refresh_token", ""))
            else:
                raise OAuthError("unsupported_grant_type")
        except OAuthError as error:
            return _refusal(error)
        left, hard = self._tokens.lifetimes(refresh)
        body: dict[str, str | int] = {
            "token_type": "bearer",
            "access_token": access,
            "expires_in": int(self._sandbox.settings.access_token_lifetime),
            "refresh_token": refresh,
            "x_refresh_token_expires_in": left,
        }
        if request.headers.get(_HARD_HEADER, "").lower() == "true":
            body["x_refresh_token_hard_expires_in"] = hard
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    def _refresh(self, token: str) -> tuple[str, str]:
        try:
            granted = self._tokens.refresh(token)
        except OAuthError:
            self._sandbox.stats.refreshed(granted=False)
            raise
        self._sandbox.stats.refreshed(granted=True)
        return granted

    async def revoke(self, request: Request) -> Response:
        try:
            self._authenticate(request)
            try:
                asked = msgspec.json.decode(await request.body(), type=dict[str, str])
            except msgspec.MsgspecError:
                raise OAuthError("invalid_request") from None
            if not self._tokens.revoke(asked.get("token", "")):
                raise OAuthError("invalid_grant", "Token invalid")
        except OAuthError as error:
            return _refusal(error)
        return Response(status_code=200)

    def _authenticate(self, request: Request) -> None:
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            keys = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            keys = ""
        client_id, _, secret = keys.partition(":")
        if scheme.lower() != "basic" or not self._tokens.is_client(client_id, secret):
            raise OAuthError("invalid_client", status=401)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("latin-1")))


def _redirect(uri: str, params: dict[str, str]) -> Response:
    joint = "&" if urlsplit(uri).query else "?"
    return RedirectResponse(uri + joint + urlencode(params), status_code=302)


def _refusal(error: OAuthError) -> Response:
    body = {"error": error.error}
    if error.description:
        body["error_description"] = error.description
    return JSONResponse(body, error.status, headers={"Cache-Control": "no-store"})
