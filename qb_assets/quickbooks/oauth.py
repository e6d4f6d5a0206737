"""Intuit's OAuth 2.0 endpoints (Intuit, "Set up OAuth 2.0"): authorize, exchange, refresh, revoke.

Nothing here keeps a token: `custody` does.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta, timezone
from typing import Protocol, TypeVar, cast

import msgspec
import requests
from authlib.integrations.requests_client import OAuth2Session

from qb_assets.quickbooks.faults import (
    BadAnswer,
    ConnectionFailed,
    QuickBooksError,
    TokenExpired,
    WrongCredentials,
)
from qb_assets.quickbooks.patience import Patience, PatientAdapter
from qb_assets.quickbooks.retry import RetryPolicy, with_retries
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Token
from qb_assets.quickbooks.verdict import Answer, verdict

SCOPE = "com.intuit.quickbooks.accounting"
"""The least that reads the books; there is no read-only scope."""

_HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/x-www-form-urlencoded",
    "x-include-refresh-token-hard-expires-in": "true",
}
_TIMEOUT = (10.0, 30.0)
_WHOLE_ANSWER = 30.0
"""Seconds; the others of the company wait for a refresh."""

log = logging.getLogger("qb_assets.quickbooks")
T = TypeVar("T")


class _Grant(msgspec.Struct):
    access_token: str
    refresh_token: str
    expires_in: float
    x_refresh_token_expires_in: float | None = None
    x_refresh_token_hard_expires_in: float | None = None


class _Session(Protocol):
    """What is used of authlib's session, which has no types of its own."""

    def create_authorization_url(self, url: str, *, state: str) -> tuple[str, str]: ...

    def register_compliance_hook(
        self, hook_type: str, hook: Callable[[requests.Response], requests.Response]
    ) -> None: ...

    def fetch_token(self, url: str, *, code: str, headers: dict[str, str]) -> object: ...

    def refresh_token(self, url: str, *, refresh_token: str, headers: dict[str, str]) -> object: ...

    def post(
        self, url: str, *, json: dict[str, str], auth: object, withhold_token: bool
    ) -> requests.Response: ...


class OAuth:
    """Calls the OAuth endpoints of one app."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        # A refresh happens under the company's lock, so others wait no longer than this.
        self._policy = RetryPolicy(
            attempts=4,
            first_wait=settings.first_wait,
            longest_wait=5.0,
            throttle_pause=min(settings.throttle_pause, 10.0),
            deadline=60.0,
        )

    def authorization_url(self, state: str) -> str:
        """Where a person allows the app to read a company."""
        with self._session() as session:
            url, _ = session.create_authorization_url(self._settings.authorize_url, state=state)
        return url

    def exchange(self, code: str, realm: str) -> Token:
        """The first token, for the code that the redirect brought; a code works once."""

        def send(session: _Session) -> object:
            return session.fetch_token(self._settings.token_url, code=code, headers=_HEADERS)

        return self._grant(send, realm, retries=False)

    def refresh(self, realm: str, refresh_token: str) -> Token:
        """A new token for a refresh token. Raises ReconnectNeeded where that is no longer valid."""

        def send(session: _Session) -> object:
            return session.refresh_token(
                self._settings.token_url, refresh_token=refresh_token, headers=_HEADERS
            )

        return self._grant(send, realm, retries=True)

    def revoke(self, token: Token) -> bool:
        """Ends the connection on Intuit's side; False where it had ended already."""

        def send(_attempt: int) -> bool:
            with self._session() as session:
                response = _guarded(
                    lambda: session.post(
                        self._settings.revoke_url,
                        json={"token": token.refresh},
                        auth=(self._settings.client_id, self._settings.client_secret),
                        withhold_token=True,
                    ),
                    token.realm,
                )
            return _revoked(_answer(response), token.realm)

        return with_retries(send, self._policy)

    def _grant(self, send: Callable[[_Session], object], realm: str, *, retries: bool) -> Token:
        def once(attempt: int) -> Token:
            answers: list[Answer] = []

            def keep(response: requests.Response) -> requests.Response:
                answers.append(_answer(response))
                error = verdict(answers[-1], company=realm, entity=None)
                if error is not None:
                    raise _of_oauth(error)
                return response

            with self._session() as session:
                session.register_compliance_hook("access_token_response", keep)
                session.register_compliance_hook("refresh_token_response", keep)
                _guarded(lambda: send(session), realm)
            log.info(
                "token company=%s status=%s attempt=%s intuit_tid=%s",
                realm,
                answers[-1].http_status,
                attempt,
                answers[-1].intuit_tid,
            )
            return self._token(answers[-1], realm)

        return with_retries(once, self._policy) if retries else once(1)

    def _token(self, answer: Answer, realm: str) -> Token:
        now = datetime.now(timezone.utc)
        grant: _Grant | None = None
        try:
            grant = msgspec.json.decode(answer.body, type=_Grant)
        except msgspec.MsgspecError:
            grant = None
        if grant is None:
            raise BadAnswer(
                "the token endpoint's answer is not a token",
                company=realm,
                http_status=answer.http_status,
                intuit_tid=answer.intuit_tid,
            )
        return Token(
            realm=realm,
            environment=self._settings.environment,
            access=grant.access_token,
            refresh=grant.refresh_token,
            issued_at=now,
            expires_at=now + timedelta(seconds=grant.expires_in),
            refresh_expires_at=_after(now, grant.x_refresh_token_expires_in),
            hard_expires_at=_after(now, grant.x_refresh_token_hard_expires_in),
        )

    def _session(self) -> AbstractContextManager[_Session]:
        made = OAuth2Session(
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            redirect_uri=self._settings.redirect_uri,
            scope=SCOPE,
            default_timeout=_TIMEOUT,
        )
        session = cast("requests.Session", made)
        session.mount("https://", PatientAdapter())
        session.mount("http://", PatientAdapter())
        return cast("AbstractContextManager[_Session]", made)


def _guarded(send: Callable[[], T], company: str) -> T:
    """Sends; whatever authlib or requests raise, which may quote a token, becomes a typed error."""
    failure: QuickBooksError
    try:
        with Patience(_WHOLE_ANSWER):
            return send()
    except QuickBooksError as error:
        failure = error
    except requests.RequestException as error:
        failure = ConnectionFailed(
            f"the token endpoint gave no answer ({type(error).__name__})", company=company
        )
    except Exception as error:  # authlib has errors of many kinds
        failure = BadAnswer(
            f"the token endpoint's answer is not a token ({type(error).__name__})", company=company
        )
    raise failure


def _revoked(answer: Answer, company: str) -> bool:
    """Whether the token was revoked now. A 400 is about a token that is no longer valid."""
    if answer.http_status < 300:
        return True
    error = verdict(answer, company=company, entity=None)
    if error is not None and (answer.http_status != 400 or isinstance(error, WrongCredentials)):
        raise _of_oauth(error)
    return False


def _of_oauth(error: QuickBooksError) -> QuickBooksError:
    """A 401 here is about the app's keys, not about a token."""
    if not isinstance(error, TokenExpired):
        return error
    return WrongCredentials(
        "Intuit does not take the app's client id and secret",
        company=error.company,
        http_status=error.http_status,
        intuit_tid=error.intuit_tid,
    )


def _answer(response: requests.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content)


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
