"""Where alerts go: to the log, and to a webhook or by e-mail where the environment says so."""

from __future__ import annotations

import logging
import os
import smtplib
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

import requests

from qb_assets.quickbooks.faults import ConfigurationError

log = logging.getLogger("qb_assets.alerts")

Messenger = Callable[[str], object]
"""Brings a text to people; raises OSError or a requests error where it cannot."""

TIMEOUT = 10.0
SUBJECT = "QuickBooks assets need attention"


def messengers(environ: Mapping[str, str] | None = None) -> list[Messenger]:
    """The log, QB_ALERT_WEBHOOK and QB_ALERT_EMAIL (through QB_SMTP_URL), as far as they are set.

    Raises ConfigurationError for settings that make no sense.
    """
    values = os.environ if environ is None else environ
    found: list[Messenger] = [log.error]
    if hook := values.get("QB_ALERT_WEBHOOK"):
        found.append(webhook(hook))
    if address := values.get("QB_ALERT_EMAIL"):
        found.append(email(address, values.get("QB_SMTP_URL", "")))
    return found


def webhook(url: str) -> Messenger:
    """Posts `{"text": …}`, which Slack, Teams and Mattermost take. The address is a secret."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise ConfigurationError(
            "QB_ALERT_WEBHOOK is not an address",
            what_to_do="Set it to the https:// address of an incoming webhook.",
        )

    def send(text: str) -> None:
        answer = requests.post(url, json={"text": text}, timeout=TIMEOUT)
        if not answer.ok:  # not raise_for_status, whose text has the address
            raise ConnectionError(f"the webhook answered HTTP {answer.status_code}")

    return send


def email(address: str, server: str) -> Messenger:
    """Mails through `smtp://user:password@host:port` or `smtps://…`."""
    parts = urlsplit(server)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ConfigurationError(
            "QB_SMTP_URL is not the address of a mail server",
            what_to_do="Set it like smtps://user:password@smtp.example.com:465.",
        )
    host, port = parts.hostname, parts.port or 0
    user, password = unquote(parts.username or ""), unquote(parts.password or "")

    def send(text: str) -> None:
        message = EmailMessage()
        message["Subject"], message["To"] = SUBJECT, address
        message["From"] = user if "@" in user else address
        message.set_content(text)
        kind = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
        with kind(host, port, timeout=TIMEOUT) as smtp:
            if parts.scheme == "smtp" and smtp.has_extn("starttls"):
                smtp.starttls()
            if user:
                smtp.login(user, password)
            smtp.send_message(message)

    return send
