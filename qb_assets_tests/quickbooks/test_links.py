"""Which addresses of files may be asked: Intuit's hosts by https, and the API's own."""

import pytest

from qb_assets.quickbooks.faults import LinkNotTrusted
from qb_assets.quickbooks.links import check_link
from qb_assets.quickbooks.settings import Settings

PRODUCTION = Settings(
    client_id="id", client_secret="x", base_url="https://quickbooks.api.intuit.com"
)
LOCAL = Settings(client_id="id", client_secret="x", base_url="http://127.0.0.1:8123")
BUCKET = "https://intuit-qbo-prod-30.s3.amazonaws.com/1%2Fa.pdf?X-Amz-Signature=s3cret"


@pytest.mark.parametrize(
    "link",
    [
        BUCKET,
        "https://financialdocument.platform.intuit.com/v2/no-user-cred/documents/a?x=1",
        "https://bucket.s3.us-west-2.AMAZONAWS.com:443/a",
    ],
)
def test_intuits_hosts_are_asked(link: str) -> None:
    check_link(link, PRODUCTION)
    check_link(link, LOCAL)


def test_the_apis_own_host_is_asked_as_the_api_is() -> None:
    check_link("http://127.0.0.1:8123/files/a?b=c", LOCAL)
    for link in ("http://127.0.0.1:8124/files/a", "https://127.0.0.1:8123/files/a"):
        with pytest.raises(LinkNotTrusted):
            check_link(link, LOCAL)


@pytest.mark.parametrize(
    "link",
    [
        BUCKET.replace("https", "http"),
        BUCKET.replace(".com/", ".com:8443/"),
        BUCKET.replace(".com/", ".com.evil.example/"),
        "https://evilamazonaws.com/a",
        "https://user:password@bucket.s3.amazonaws.com/a",
        "https://evil.example\\@bucket.s3.amazonaws.com/a",
        "https://evil.example#@bucket.s3.amazonaws.com/a",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/a",
        "https://[::1]/a",
        "https://2130706433/a",
        "file:///etc/passwd",
        "https://bucket.s3.amazonaws.com/a b",
        "https://bucket.s3.amazonaws.com:99999/a",
        "https://bucket.s3.amazonaws.com:0/a",
        "",
    ],
)
def test_other_addresses_are_not(link: str) -> None:
    with pytest.raises(LinkNotTrusted) as caught:
        check_link(link, PRODUCTION)
    assert "s3cret" not in str(caught.value)
    assert "password" not in str(caught.value)


def test_hosts_can_be_set() -> None:
    values = {"QB_CLIENT_ID": "id", "QB_CLIENT_SECRET": "x", "QB_FILE_HOSTS": ".Example.org, b.net"}
    settings = Settings.from_environment(values)
    assert settings.file_hosts == ("example.org", "b.net")
    check_link("https://files.example.org/a", settings)
    with pytest.raises(LinkNotTrusted, match=r"leads to intuit-qbo-prod-30\.s3\.amazonaws\.com"):
        check_link(BUCKET, settings)
