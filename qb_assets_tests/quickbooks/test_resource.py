import dagster as dg
import pytest

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.sandbox.process import SandboxProcess
from qb_assets_tests.quickbooks.conftest import connected


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("QB_CLIENT_ID", "QB_CLIENT_SECRET", "QB_BASE_URL", "QB_TOKEN_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("QB_TOKEN_STORE", str(tmp_path))


@dg.asset
def company_name(quickbooks: QuickBooksResource) -> str:
    [held] = quickbooks.token_store().companies()
    client = quickbooks.client(held.realm)
    assert client is quickbooks.client(held.realm)
    return client.company_info().name


def test_definitions_load_without_settings_and_a_call_names_what_is_missing() -> None:
    definitions = dg.Definitions([company_name], resources={"quickbooks": QuickBooksResource()})
    dg.Definitions.validate_loadable(definitions)
    with pytest.raises(ConfigurationError, match="QB_CLIENT_ID is not set"):
        QuickBooksResource().client("1")


def test_an_asset_reads_a_company(
    box: SandboxProcess, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("tokens")
    connected(box, folder)
    monkeypatch.setenv("QB_CLIENT_ID", box.env["QB_CLIENT_ID"])
    monkeypatch.setenv("THE_SECRET", box.env["QB_CLIENT_SECRET"])
    resource = QuickBooksResource(
        client_secret=dg.EnvVar("THE_SECRET"),
        base_url=box.base_url,
        token_url=box.env["QB_TOKEN_URL"],
        token_store_url=str(folder),
    )
    result = dg.materialize([company_name], resources={"quickbooks": resource})
    assert result.success
    assert result.output_for_node("company_name")


def test_the_secret_is_not_shown() -> None:
    resource = QuickBooksResource(client_id="an-id", client_secret="SECRETkey")
    assert "SECRETkey" not in f"{resource!r} {resource} {resource.settings()!r}"
