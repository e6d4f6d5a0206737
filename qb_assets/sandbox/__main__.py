"""`python -m qb_assets.sandbox`: a local QuickBooks on a port."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from .clock import Clock
from .company import Company, load_folder
from .server import serve
from .settings import DAY, Settings


def load_company(
    company_dir: Path | None,
    seed: int,
    invoices: int,
    realm: str | None,
    today: date,
    *,
    days: int = 365,
    profile: str = "",
) -> Company:
    """The company recorded in a folder, or one generated from a seed when there is no folder.

    `realm` takes the place of the realm it would have; the generated books end `today` after
    `days`. Raises ValueError for a `profile` that `Profile.parse` does not read.
    """
    if company_dir is not None:
        company = load_folder(company_dir)
    else:
        from .generate import Profile, generate_company

        made = Profile.parse(profile, seed)
        company = generate_company(seed, invoices, today, days, made)
    return replace(company, realm_id=realm) if realm else company


def run(
    *,
    port: int = 0,
    company_dir: Path | None = None,
    seed: int = 1,
    invoices: int = 200,
    days: int = 365,
    profile: str = "",
    env_file: Path | None = None,
    realm: str | None = None,
    settings: Settings | None = None,
    until_stdin_closes: bool = False,
) -> None:
    """Serve a recorded or generated company until stopped; prints the `QB_*` lines when ready.

    Raises ValueError for a folder that is no company and OSError for a port that is taken.
    """
    settings = settings or Settings()
    today = Clock(settings.timezone, settings.now).today()
    company = load_company(company_dir, seed, invoices, realm, today, days=days, profile=profile)
    serve(
        company,
        port=port,
        env_file=env_file,
        settings=settings,
        announce=typer.echo,
        until_stdin_closes=until_stdin_closes,
    )


def main(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
    company: Annotated[
        Path | None,
        typer.Option(help="Folder of {Entity}.json lists to serve.", exists=True, file_okay=False),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the generated company.")] = 1,
    invoices: Annotated[int, typer.Option(help="Invoices of the generated company.")] = 200,
    days: Annotated[int, typer.Option(help="Days the generated company has lived.")] = 365,
    profile: Annotated[
        str,
        typer.Option(
            help="Features of the generated company: drawn (by the seed), or a list such as "
            "multi_currency=true,fiscal_year_start=4,departments=0.8."
        ),
    ] = "",
    env_file: Annotated[
        Path | None, typer.Option(help="Also write the QB_* lines to this file (mode 0600).")
    ] = None,
    realm: Annotated[str | None, typer.Option(help="Realm to serve the company under.")] = None,
    rotate_every: Annotated[
        float, typer.Option(help="Seconds after which refresh tokens rotate; 0 at every use.")
    ] = DAY,
    access_token_lifetime: Annotated[
        float, typer.Option(help="Seconds an access token is good for.")
    ] = 3600,
    requests_per_minute: Annotated[int, typer.Option(help="Limit of calls; 0 is off.")] = 500,
    concurrent: Annotated[int, typer.Option(help="Limit of calls at once; 0 is off.")] = 10,
    latency: Annotated[float, typer.Option(help="Seconds every API call takes.")] = 0.0,
    timezone: Annotated[str, typer.Option(help="The company's time zone.")] = "America/Los_Angeles",
    child: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Run a local QuickBooks Online that serves a recorded or a generated company."""
    settings = Settings(
        rotate_every=rotate_every,
        access_token_lifetime=access_token_lifetime,
        requests_per_minute=requests_per_minute,
        concurrent=concurrent,
        latency=latency,
        timezone=timezone,
    )
    if child:
        settings = msgspec.json.decode(sys.stdin.buffer.readline(), type=Settings)
    try:
        run(
            port=port,
            company_dir=company,
            seed=seed,
            invoices=invoices,
            days=days,
            profile=profile,
            env_file=env_file,
            realm=realm,
            settings=settings,
            until_stdin_closes=child,
        )
    except (OSError, ValueError) as error:
        typer.echo(f"qb-assets sandbox: {error}", err=True)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
