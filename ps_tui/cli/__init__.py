"""The command line. Each verb is a module of its own, imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from ps_tui import __version__
from ps_tui.cli.options import GIVEN, capture_option, narrate_failure, source_options

VERBS = {
    "capture": "ps_tui.cli.capture",
    "collect": "ps_tui.cli.collect",
    "db": "ps_tui.cli.db",
    "doctor": "ps_tui.cli.doctor",
    "events": "ps_tui.cli.events",
    "import": "ps_tui.cli.importing",
    "laps": "ps_tui.cli.laps",
    "plot": "ps_tui.cli.plot",
    "replay": "ps_tui.cli.replay",
    "sessions": "ps_tui.cli.sessions",
    "users": "ps_tui.cli.crew",
    "vehicles": "ps_tui.cli.vehicles",
}

INTERRUPTED = 130

EPILOG = """\b
Exit codes: 0 done · 1 failed, or the check found what a repair can mend ·
2 wrong usage, or the check found damage · 3 the database cannot be used ·
4 network · 5 no such id · 6 another process records · 130 interrupted"""


class VerbGroup(click.Group):
    """Finds verbs by name and turns expected errors into a sentence and a code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        module = VERBS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = import_module(module).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        from ps_tui.domain.errors import PsError

        try:
            return super().invoke(ctx)
        except PsError as error:
            narrate_failure(error.cause, error.remedy)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            ctx.exit(INTERRUPTED)


@click.group(
    cls=VerbGroup,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="ps-tui")
@click.option(
    "--db",
    # Whether it can be read is told where it is opened, in our words and code.
    type=click.Path(dir_okay=False, readable=False, path_type=Path),
    help="Database file (also PS_TUI_DB).",
)
@click.option(
    "--config",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file instead of the one in the user's folder.",
)
@click.option("--demo", is_flag=True, help="Drive a built-in car; nothing to set up.")
@click.option("--fps", type=click.Choice(["10", "20", "30", "60"]), help="Live screen.")
@click.option("--ascii", is_flag=True, default=None, help="No braille, no blocks.")
@click.option(
    "--play",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.pcap",
    help="Play a capture on the Live screen; nothing is kept of it.",
)
@capture_option
@source_options
@click.pass_context
def app(
    ctx: click.Context, /, *, demo: bool, config: Path | None, **flags: Any
) -> None:
    """Live sim telemetry in the terminal, recorded without loss, cut into laps.

    Without a verb the screens open. Options of this page go before the verb.
    """
    from ps_tui.config import load_settings

    play, capture = flags.pop("play"), flags.pop("capture")
    given = {key: value for key, value in flags.items() if value != ()}
    ctx.obj = load_settings(given, path=config)
    ctx.meta[GIVEN] = given, config
    if ctx.invoked_subcommand is None:
        from ps_tui.cli.screens import run_screens, settings_file

        file = settings_file(ctx)
        ctx.exit(run_screens(file, demo=demo, play=play, capture=capture))
    if demo or play:
        name = "--demo" if demo else "--play"
        raise click.UsageError(f"{name} opens the screens and takes no verb.")
    if capture:
        raise click.UsageError("--capture goes behind the verb.")


def run() -> None:
    """Run the command line as a program."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Consoles with a legacy code page lack some signs: show a stand-in.
            stream.reconfigure(errors="replace")
    app(prog_name="ps-tui")
