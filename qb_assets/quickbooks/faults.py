"""The typed errors of the QuickBooks client: one line each, with what to do about it.

An error carries the company, the entity, Intuit's code, the HTTP status and Intuit's correlation
id, and never a token, a secret, a URL's parameters or a part of a record. `retryable` says whether
the same call may succeed when it is sent again; `tries` caps how often.
"""

# The names are those of what happened, as QuickBooks' guides call it, without a suffix.

from __future__ import annotations

from typing import ClassVar


class QuickBooksError(Exception):
    """What went wrong with a call to QuickBooks.

    `message` says what happened, `what_to_do` the remedy. `retry_after` is the wait in seconds
    that the server asked for, `attempts` how often the call was sent before this was final.
    """

    retryable: ClassVar[bool] = False
    tries: ClassVar[int | None] = None
    remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        company: str | None = None,
        entity: str | None = None,
        code: str | None = None,
        http_status: int | None = None,
        intuit_tid: str | None = None,
        retry_after: float | None = None,
        what_to_do: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.company = company
        self.entity = entity
        self.code = code
        self.http_status = http_status
        self.intuit_tid = intuit_tid
        self.retry_after = retry_after
        self.what_to_do = (what_to_do or self.remedy).format(company=company or "REALM")
        self.attempts = 1

    def __str__(self) -> str:
        where = ", ".join(
            part
            for part in (f"company {self.company}" if self.company else "", self.entity or "")
            if part
        )
        facts = ", ".join(
            part
            for part in (
                f"code {self.code}" if self.code else "",
                f"HTTP {self.http_status}" if self.http_status else "",
                f"intuit_tid {self.intuit_tid}" if self.intuit_tid else "",
                f"tried {self.attempts} times" if self.attempts > 1 else "",
            )
            if part
        )
        line = f"{where}: {self.message}" if where else self.message
        line = f"{line} ({facts})." if facts else f"{line}."
        return f"{line} {self.what_to_do}" if self.what_to_do else line


class ConfigurationError(QuickBooksError):
    """A setting is missing or makes no sense."""


class ConnectionFailed(QuickBooksError):
    """No whole answer came: unreachable host, refused, reset, or too slow."""

    retryable = True
    remedy = "Check the network and the hosts in QB_BASE_URL and QB_TOKEN_URL, then run it again."


class TooSlow(ConnectionFailed):
    """No whole answer came in its time."""


class Unreachable(ConnectionFailed):
    """No connection could be made, so nothing was sent."""


class BadAnswer(QuickBooksError):
    """An answer that is cut short, is not JSON, or has another shape than documented."""

    retryable = True
    remedy = "Run it again; if it stays, give Intuit's support the intuit_tid."


class WrongSize(BadAnswer):
    """A whole file that is not of the size that its attachable states."""

    tries = 3
    remedy = "Run it again; if it stays, open the attachment in QuickBooks, and upload it anew."


class Throttled(QuickBooksError):
    """Too many calls (HTTP 429, code 3001); all calls of the company wait for `retry_after`."""

    retryable = True
    remedy = (
        "Wait a minute and run it again; if it comes often, lower QB_REQUESTS_PER_MINUTE and "
        "QB_BATCHES_PER_MINUTE: another app may share the company's limit."
    )


class ServerUnavailable(QuickBooksError):
    """QuickBooks has trouble of its own (5xx, SystemFault, company locked or in maintenance)."""

    retryable = True
    remedy = "Run it again later; https://status.quickbooks.intuit.com tells of outages."


class BadRecord(QuickBooksError):
    """Code 10000: QuickBooks fails on the answer itself, often because of one record in it."""

    retryable = True
    tries = 2
    remedy = (
        "Ask for a smaller window to find the record, and give Intuit's support the intuit_tid."
    )


class TokenExpired(QuickBooksError):
    """The access token is not taken (401, code 3200); a refreshed one may be."""

    remedy = "Run it again; if it stays, connect again with: qb-assets connect --company {company}"


class NotAuthorised(QuickBooksError):
    """The connection may not do this: the person who connected lacks the right, or it ended."""

    remedy = (
        "Let an administrator of the company connect it again with: "
        "qb-assets connect --company {company}"
    )


class ReconnectNeeded(QuickBooksError):
    """The refresh token is no longer valid (`invalid_grant`); only a person can connect again."""

    remedy = "Connect again with: qb-assets connect --company {company}"


class WrongCredentials(QuickBooksError):
    """Intuit does not know the app (`invalid_client`)."""

    remedy = (
        "Check QB_CLIENT_ID and QB_CLIENT_SECRET: they must be the keys of the app with which the "
        "company was connected, for the environment in QB_ENVIRONMENT."
    )


class UnknownCompany(QuickBooksError):
    """Code 3100: the company does not exist for these keys, or ended the connection."""

    remedy = (
        "Check the company id and QB_ENVIRONMENT (sandbox and production companies are apart), "
        "then connect with: qb-assets connect --company {company}"
    )


class CompanyLapsed(QuickBooksError):
    """Code 6190: the company's subscription has ended."""

    remedy = "Renew the company's QuickBooks subscription, or disconnect the company."


class NotConnected(QuickBooksError):
    """The token store holds nothing for the company."""

    remedy = "Connect it with: qb-assets connect --company {company}"


class WrongEnvironment(QuickBooksError):
    """A sandbox token was about to be used for production, or the other way round."""

    remedy = (
        "Set QB_ENVIRONMENT to the environment the company was connected in, or connect again "
        "with: qb-assets connect --company {company}"
    )


class ConnectRefused(QuickBooksError):
    """The authorization did not come to its end: refused, timed out, or not ours."""

    remedy = "Start again with: qb-assets connect"


class TokenStoreError(QuickBooksError):
    """The token store cannot be read or written."""

    remedy = "Check QB_TOKEN_STORE and QB_TOKEN_KEY."


class UnreadableToken(TokenStoreError):
    """What is kept of the company does not open with the key at hand."""

    remedy = (
        "Set QB_TOKEN_KEY to the key it was written with (or restore the file .key beside it), or "
        "connect again with: qb-assets connect --company {company}"
    )


class TokenConflict(TokenStoreError):
    """Another process has stored a newer token, which is kept."""

    remedy = "Run it again: the newer token will be used."


class CallBookError(QuickBooksError):
    """The call book, which the throttle and the budget rest on, cannot be read or written."""

    remedy = "Set QB_CALL_BOOK to a file or a database that this user can write."


class CallBookUnavailable(CallBookError):
    """The call book cannot be reached now: its database is away, or held by others for too long."""

    retryable = True
    remedy = "Check the database in QB_CALL_BOOK, then run it again."


class BudgetSpent(QuickBooksError):
    """The app's calls of the month have reached QB_MONTHLY_CALL_BUDGET; nothing was sent."""

    remedy = (
        "Wait for the next month, raise QB_MONTHLY_CALL_BUDGET, or set QB_FORCE_CALLS=1 to send "
        "calls all the same."
    )


class QueryRejected(QuickBooksError):
    """Codes 4000 to 4002: the statement was not understood or not allowed."""

    remedy = "Check what the catalog says of the entity (query name, properties, cursor)."


class FeatureUnavailable(QuickBooksError):
    """The company has not the feature, or its API not the entity (code 5030, and as 500, 4001)."""

    remedy = "Switch the feature on in QuickBooks if the company needs it; else there is nothing."


class NotFound(QuickBooksError):
    """Code 610: there is no such object."""

    remedy = "It may have been deleted; check its id."


class LinkExpired(QuickBooksError):
    """The address of a file, which is signed for 15 minutes, is not taken (any more)."""

    retryable = True
    tries = 3
    remedy = "Run it again; if it stays, check this machine's clock and its proxies."


class LinkNotTrusted(QuickBooksError):
    """The address of a file leads to a host that is not known to keep QuickBooks' files."""

    remedy = "If Intuit keeps files there, add the host to QB_FILE_HOSTS; else tell Intuit."


class RequestRefused(QuickBooksError):
    """QuickBooks refused the request for another reason, given by its code."""

    remedy = "Look the code up in Intuit's list of errors; asking again will not help."


class ReportTooLarge(QuickBooksError):
    """A report of more than 400,000 cells, which QuickBooks answers with HTTP 200 and no data."""

    remedy = "Ask for a shorter range of dates."


class ReportTooSlow(QuickBooksError):
    """A report that took longer than an answer may; a shorter range of dates takes less."""

    remedy = "Ask for a shorter range of dates."


class IncompleteRead(QuickBooksError):
    """The source counts more rows than paging has seen, even after reading again."""

    remedy = "Run it again when the company's books are edited less; what was read is whole."
