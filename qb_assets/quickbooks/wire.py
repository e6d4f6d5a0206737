"""One request to the API and its whole answer, within its time."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from qb_assets.quickbooks.faults import ConnectionFailed, TooSlow, Unreachable
from qb_assets.quickbooks.patience import Patience, PatientAdapter
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Token
from qb_assets.quickbooks.verdict import Answer

MINOR_VERSION = "75"
"""Intuit, "Minor versions": 75 is the oldest that is still answered."""

_CHUNK = 1 << 16


class Wire:
    """Sends requests about one company, from any number of threads."""

    def __init__(self, settings: Settings, realm: str) -> None:
        self._root = f"{settings.base_url}/v3/company/{realm}"
        self._connect_timeout = settings.connect_timeout
        self._session = requests.Session()
        self._session.headers.update({"Accept-Encoding": "gzip"})
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = PatientAdapter(pool_maxsize=settings.max_in_flight, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)

    def ask(
        self,
        path: str,
        params: Mapping[str, str],
        token: Token,
        *,
        body: bytes | None = None,
        content_type: str = "",
        accept: str = "application/json",
        seconds: float,
    ) -> Answer:
        """The answer to a GET, or to a POST of the body, with its own body read and unpacked.

        Raises Unreachable where nothing could be sent, TooSlow where no whole answer came
        in so many seconds, and ConnectionFailed where it broke off; its `http_status` tells whether
        the answer had begun.
        """
        status: int | None = None
        late = False
        unsent = "cannot be reached"
        sent = {} if body is None else {"Content-Type": content_type}
        with Patience(seconds) as patience:
            try:
                with self._session.request(
                    "GET" if body is None else "POST",
                    f"{self._root}/{path}",
                    params={**params, "minorversion": MINOR_VERSION},
                    data=body,
                    headers={"Accept": accept, **sent},
                    auth=_Bearer(token),
                    timeout=(min(self._connect_timeout, seconds), seconds),
                    allow_redirects=False,
                    stream=True,
                ) as response:
                    status = response.status_code
                    parts: list[bytes] = []
                    while part := response.raw.read1(_CHUNK, decode_content=True):
                        parts.append(part)
                if not patience.ended:  # a socket that is shut down looks like the end of a body
                    return Answer(status, response.headers, b"".join(parts))
                why = ""
            except requests.Timeout:
                why, late = "", True
            except requests.exceptions.SSLError:
                why, unsent = "it closed the connection", "makes no secure connection"
            except (requests.ConnectionError, requests.exceptions.InvalidURL):
                why = "it closed the connection"
            except (requests.RequestException, HTTPError) as error:
                why = f"the answer broke off ({type(error).__name__})"
        if not patience.asked:
            raise Unreachable(f"{self._host} {unsent}")
        if patience.ended or late:
            why = f"no whole answer came in {seconds:.0f} s"
            raise TooSlow(f"{self._host}: {why}", http_status=status)
        raise ConnectionFailed(f"{self._host}: {why}", http_status=status)

    def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    @property
    def _host(self) -> str:
        return urlsplit(self._root).netloc.rpartition("@")[2]


class _Bearer(AuthBase):
    """Sets the header itself: with an `auth` given, requests leaves ~/.netrc alone."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        r.headers["Authorization"] = f"Bearer {self._token.access}"
        return r
