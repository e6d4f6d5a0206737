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
    ],
)
def test_what_is_missing_or_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        Settings.from_environment({**KEYS, name: value})
    assert caught.value.what_to_do
    assert "SECRETkey" not in str(caught.value)


def test_the_secret_is_not_shown() -> None:
    assert "SECRETkey" not in repr(Settings.from_environment(KEYS))
