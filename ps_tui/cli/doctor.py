"""``ps-tui doctor``: why is there no data?"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from ps_tui.cli.options import (
    given_flags,
    json_option,
    narrate,
    print_json,
    print_table,
    source_options,
)
from ps_tui.config import Settings

if TYPE_CHECKING:
    from ps_tui.domain.diagnosis import Diagnosis

LOOK_S = 5.0


@click.command("doctor")
@source_options
@click.option(
    "--seconds",
    type=click.FloatRange(min=0.5),
    default=LOOK_S,
    show_default=True,
    help="How long to listen.",
)
@json_option
@click.pass_obj
def command(
    settings: Settings, /, *, seconds: float, as_json: bool, **options: Any
) -> None:
    """Listen for a few seconds and say why there is no data, and what to set.

    Exit 0 where a game is read, 1 where none is.
    """
    import msgspec

    from ps_tui.domain.diagnosis import Finding

    settings = msgspec.structs.replace(settings, **given_flags(options))
    diagnosis = asyncio.run(_examine(settings, seconds))
    if as_json:
        print_json(diagnosis)
    else:
        show(diagnosis)
    if diagnosis.finding is not Finding.OK:
        raise click.exceptions.Exit(1)


async def _examine(settings: Settings, seconds: float) -> Diagnosis:
    from ps_tui.runtime import open_listening

    async with open_listening(settings, keep_trying=True) as listening:
        narrate(f"Listening for {seconds:g} s …")
        await asyncio.sleep(seconds / 2)
        await listening.doctor.examine()
        await asyncio.sleep(seconds / 2)
        return await listening.doctor.examine()


def show(diagnosis: Diagnosis) -> None:
    """Print a diagnosis for a person."""
    click.echo(f"{diagnosis.finding.value.upper()}: {diagnosis.words}")
    if diagnosis.remedy:
        click.echo(f"  → {diagnosis.remedy}")
    _section("Ports")
    print_table(
        ("port", "state", "games"),
        [
            (
                str(port.port),
                "listening" if port.is_bound else f"held by {port.holder}",
                ", ".join(port.games),
            )
            for port in diagnosis.ports
        ],
    )
    _show_traffic(diagnosis)
    _section("Games")
    print_table(
        ("game", "state", "what it is"),
        [(each.source, each.finding.value, each.words) for each in diagnosis.sources],
    )
    for talk in diagnosis.talks:
        click.echo(
            f"  {talk.source} at {talk.endpoint} ({talk.topic}): asked {talk.sent}, "
            f"answered {talk.answered}"
        )
    _show_forwards(diagnosis)
    _section("Settings in the game")
    for each in diagnosis.sources:
        click.echo(f"{each.label}: {each.setting}")
    _section("Addresses of this computer")
    for address in diagnosis.addresses:
        click.echo(f"{address.address}  ({address.interface})")
    click.echo(f"\n{diagnosis.firewall}")


def _show_traffic(diagnosis: Diagnosis) -> None:
    if diagnosis.senders:
        _section("Senders")
        print_table(
            ("from", "to port", "game", "packets", "rate", "last"),
            [
                (
                    f"{each.host}:{each.sender_port}",
                    str(each.own_port),
                    each.source or "unknown",
                    str(each.packets),
                    f"{each.rate_hz:.0f} Hz",
                    f"{each.age_s:.1f} s ago",
                )
                for each in diagnosis.senders
            ],
        )
    if diagnosis.refused:
        _section("Packets that nobody reads")
        print_table(
            ("size", "count", "from", "what"),
            [
                (
                    "other" if each.size is None else f"{each.size} B",
                    str(each.count),
                    each.sender,
                    each.looks_like,
                )
                for each in diagnosis.refused
            ],
        )


def _show_forwards(diagnosis: Diagnosis) -> None:
    if diagnosis.forwards:
        _section("Passed on")
        print_table(
            ("to", "what", "sent", "errors", "problem"),
            [
                (
                    each.target,
                    f"{each.source or 'all'}{', decoded' if each.is_native else ''}",
                    str(each.sent),
                    str(each.errors),
                    each.problem,
                )
                for each in diagnosis.forwards
            ],
        )


def _section(title: str) -> None:
    click.echo(f"\n{title}")
