"""A few rounds on each kind of store; `python -m qb_assets_tests.custody` runs many."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import token_store_from_url
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings as SandboxSettings
from qb_assets_tests.custody.rounds import Crowd
from qb_assets_tests.secrets_manager import secrets_manager

__all__ = ["secrets_manager"]


@pytest.fixture
def revoking() -> Iterator[SandboxProcess]:
    """A sandbox with a new refresh token at every use, which ends at the use of an old one."""
    settings = SandboxSettings(rotate_every=0, revoke_on_reuse=True)
    with start(seed=5, invoices=1, settings=settings) as box:
        yield box


def crowd(box: SandboxProcess, url: str, size: int) -> Crowd:
    settings = Settings.from_environment(box.env)
    store = token_store_from_url(url, {"QB_TOKEN_KEY": Fernet.generate_key().decode()})
    connect_with_refresh_token(settings, store, box.realm_id, box.env["QB_REFRESH_TOKEN"])
    return Crowd(box, settings, store, size)


def test_a_connection_in_a_folder_survives_its_users(
    revoking: SandboxProcess, tmp_path: Path
) -> None:
    with crowd(revoking, str(tmp_path / "tokens"), 5) as users:
        quiet = users.run(3)
        assert quiet.clean, f"{quiet} {quiet.errors}"
        deadly = users.run(3, kill_seed=7)
        assert deadly.clean, f"{deadly} {deadly.errors}"
        assert deadly.kills == 3


def test_a_connection_in_postgres_survives_its_users(
    revoking: SandboxProcess, postgres_url: str
) -> None:
    with crowd(revoking, postgres_url, 4) as users:
        figures = users.run(2, kill_seed=7)
        assert figures.clean, f"{figures} {figures.errors}"


def test_a_connection_in_secrets_manager_survives_its_users(
    revoking: SandboxProcess, secrets_manager: str, tmp_path: Path
) -> None:
    url = f"aws-sm://rounds/{tmp_path.name}?endpoint={secrets_manager}"
    with crowd(revoking, url, 2) as users:
        figures = users.run(2)
        assert figures.clean, f"{figures} {figures.errors}"
