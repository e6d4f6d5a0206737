from pathlib import Path

import pytest

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.settings import Settings

KEYS = {"QB_CLIENT_ID": "an-id", "QB_CLIENT_SECRET": "SECRETkey"}


def test_hosts_follow_the_environment() -> None:
    assert Settings.from_environment(KEYS).base_url == "https://sandbox-quickbooks.api.intuit.com"
    production = Settings.from_environment({**KEYS, "QB_ENVIRONMENT": "production"})
    assert production.base_url == "https://quickbooks.api.intuit.com"
    assert production.token_url.startswith("https://oauth.platform.intuit.com/")


def test_hosts_and_limits_can_be_set() -> None:
    settings = Settings.from_environment(
        {**KEYS, "QB_BASE_URL": "http://127.0.0.1:9/", "QB_REQUESTS_PER_MINUTE": "30"}
    )
    assert settings.base_url == "http://127.0.0.1:9"
    assert settings.requests_per_minute == 30
    assert settings.max_in_flight == 10


@pytest.mark.parametrize(
    ("given", "book"),
    [
        ({}, "~/.qb_assets/calls.db"),
        ({"QB_TOKEN_STORE": "env:"}, "~/.qb_assets/calls.db"),
        ({"QB_TOKEN_STORE": "/var/tokens/"}, "/var/tokens/calls.db"),
        ({"QB_TOKEN_STORE": "file:///var/tokens"}, "file:///var/tokens/calls.db"),
        ({"QB_TOKEN_STORE": "postgresql://h/db"}, "postgresql://h/db"),
        ({"QB_TOKEN_STORE": "/var/tokens", "QB_CALL_BOOK": "/var/c.db"}, "/var/c.db"),
    ],
)
def test_calls_are_kept_beside_the_tokens(given: dict[str, str], book: str) -> None:
    assert Settings.from_environment({**KEYS, **given}).call_book == book


def test_the_budget_is_none_unless_it_is_set() -> None:
    free = Settings.from_environment(KEYS)
    assert (free.monthly_call_budget, free.force_calls) == (None, False)
    given = {"QB_MONTHLY_CALL_BUDGET": "500000", "QB_FORCE_CALLS": "1"}
    bound = Settings.from_environment({**KEYS, **given})
    assert (bound.monthly_call_budget, bound.force_calls) == (500_000, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QB_CLIENT_ID", ""),
        ("QB_CLIENT_SECRET", " "),
        ("QB_ENVIRONMENT", "prod"),
        ("QB_BASE_URL", "quickbooks.api.intuit.com"),
        ("QB_TOKEN_URL", "ftp://x"),
        ("QB_REQUESTS_PER_MINUTE", "many"),
        ("QB_REQUESTS_PER_MINUTE", "0.5"),
        ("QB_MAX_IN_FLIGHT", "0"),
        ("QB_TIMEOUT", "nan"),
        ("QB_BATCHES_PER_MINUTE", "0"),
        ("QB_MONTHLY_CALL_BUDGET", "lots"),
        ("QB_FORCE_CALLS", "maybe"),
    ],
)
def test_what_is_missing_or_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        Settings.from_environment({**KEYS, name: value})
    assert caught.value.what_to_do
    assert "SECRETkey" not in str(caught.value)


def test_the_secret_is_not_shown() -> None:
    given = {**KEYS, "QB_CALL_BOOK": "postgresql://qb:SECRETpassword@h/db"}
    assert "SECRET" not in repr(Settings.from_environment(given))


def test_a_secret_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("SECRETfiled\n")
    keys = {"QB_CLIENT_ID": "an-id", "QB_CLIENT_SECRET_FILE": str(file)}
    assert Settings.from_environment(keys).client_secret == "SECRETfiled"
    both = {**keys, "QB_CLIENT_SECRET": "SECRETgiven"}
    assert Settings.from_environment(both).client_secret == "SECRETgiven"
    for content in (None, b"\xff\xfe", b" \n"):
        file.unlink()
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ConfigurationError, match="QB_CLIENT_SECRET"):
            Settings.from_environment(keys)
        file.touch()
