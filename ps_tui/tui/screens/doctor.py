"""Doctor: why is there no data? Each game with its verdict, and what to do."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from ps_tui.domain.diagnosis import Diagnosis, Finding, SourceReport
from ps_tui.domain.ports import Services
from ps_tui.domain.units import format_age
from ps_tui.tui.glyphs import Glyphs
from ps_tui.tui.keymap import bindings
from ps_tui.tui.screens.base import PsScreen
from ps_tui.tui.widgets.details import Details, Line
from ps_tui.tui.widgets.listing import Listing
from ps_tui.tui.widgets.record_table import Cell, Column, Record
from ps_tui.tui.workspace import Workspace

INTERVAL_S = 2.0
COLUMNS = (
    Column("verdict", "Verdict", 19),
    Column("game", "Game", 24),
    Column("port", "Port", 5, is_right=True),
    Column("words", "What is the matter", 20, rank=1, is_flexible=True),
)
_QUIET = frozenset({Finding.NOTHING})
_WAITS = frozenset({Finding.MENU, Finding.PAUSED, Finding.SILENT, Finding.NO_ANSWER})


class DoctorScreen(PsScreen):
    """Looks again every other second, so that a change in the game shows at once."""

    PLACE = "doctor"
    BINDINGS = bindings("doctor")
    AUTO_FOCUS: ClassVar[str] = "#records"
    HELP = (
        "Each game that ps-tui knows, with what has arrived of it. Select the game "
        "that you play: below stands what to set in it, word for word, and the "
        "addresses of this computer to type there."
    )

    def __init__(self, services: Services, workspace: Workspace) -> None:
        super().__init__(services, workspace)
        self._diagnosis: Diagnosis | None = None
        self._timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        yield Static(id="diagnosis", markup=False)
        with Container(id="body"):
            yield Listing(COLUMNS, "Looking …")
            yield Static(id="remedy", markup=False)
            yield Details(id="network")

    def on_mount(self) -> None:
        if self.workspace.has_clocks:
            self._timer = self.set_interval(INTERVAL_S, self.reload)

    def on_screen_resume(self) -> None:
        if self._timer is not None:
            self._timer.resume()

    def on_screen_suspend(self) -> None:
        if self._timer is not None:
            self._timer.pause()

    async def load(self) -> None:
        if self.services.doctor is None:
            return
        self._diagnosis = await self.services.doctor.examine()
        self._draw(self._diagnosis)

    def action_look(self) -> None:
        """Look again now."""
        self.reload()

    @property
    def can_go_back(self) -> bool:
        return True

    def action_back(self) -> None:
        self.go(self.workspace.before_doctor)

    @on(Listing.Current)
    def _selected(self, event: Listing.Current) -> None:
        event.stop()
        self._draw_remedy(event.key)

    def _draw(self, diagnosis: Diagnosis) -> None:
        glyphs = self.workspace.glyphs
        tone = tone_of(diagnosis.finding)
        verdict = f"{sign_of(diagnosis.finding, glyphs)} {diagnosis.finding.value}"
        self.query_one("#diagnosis", Static).update(
            Content.assemble(
                (f"{verdict.upper()}  ", f"bold ${tone}"),
                (f"{diagnosis.words}\n", "$foreground"),
                (f"{diagnosis.remedy}\n", "$muted"),
                ("This computer: ", "$muted"),
                (_addresses(diagnosis), "$foreground"),
            )
        )
        # A game of which something arrived stands above those that nobody plays.
        reports = sorted(diagnosis.sources, key=lambda one: one.finding in _QUIET)
        listing = self.query_one(Listing)
        listing.set_records([_record(report, glyphs) for report in reports])
        self._draw_remedy(listing.current_key)
        self.query_one("#network", Details).set_lines(_network_lines(diagnosis))

    def _draw_remedy(self, key: str | None) -> None:
        reports = self._diagnosis.sources if self._diagnosis is not None else ()
        report = next((one for one in reports if one.source == key), None)
        if report is None:
            self.query_one("#remedy", Static).update("")
            return
        self.query_one("#remedy", Static).update(
            Content.assemble(
                (f"{report.label} ", "bold $foreground"),
                (f"{_words(report)}\n", "$foreground"),
                (f"{report.remedy}\n" if report.remedy else "", "$accent"),
                ("In the game: ", "$muted"),
                (report.setting, "$foreground"),
            )
        )


def tone_of(finding: Finding) -> str:
    """Return the theme colour of a finding."""
    if finding is Finding.OK:
        return "success"
    if finding in _QUIET:
        return "muted"
    return "warning" if finding in _WAITS else "error"


def sign_of(finding: Finding, glyphs: Glyphs) -> str:
    """Return the sign that stands beside the colour."""
    return {
        "success": glyphs.ok,
        "muted": glyphs.idle,
        "warning": glyphs.warning,
        "error": glyphs.error,
    }[tone_of(finding)]


def _words(report: SourceReport) -> str:
    """Return what is the matter; the name of the game stands before it already."""
    return report.words.removeprefix(report.label).strip()


def _record(report: SourceReport, glyphs: Glyphs) -> Record:
    tone = tone_of(report.finding)
    verdict = f"{sign_of(report.finding, glyphs)} {report.finding.value}"
    return Record(
        report.source,
        {
            "verdict": Cell(verdict, "dim" if tone == "muted" else tone),
            "game": Cell(report.label),
            "port": Cell(str(report.port) if report.port else "", "dim"),
            "words": Cell(_words(report), "dim" if tone == "muted" else ""),
        },
    )


def _addresses(diagnosis: Diagnosis) -> str:
    known = [f"{one.address} ({one.interface})" for one in diagnosis.addresses]
    return "  ".join(known) or "no network"


def _network_lines(diagnosis: Diagnosis) -> list[Line]:
    """Return who sends, what nobody reads, who holds a port, and the firewall."""
    lines: list[Line] = []
    for port in diagnosis.ports:
        if not port.is_bound:
            why = f"held by {port.holder}" if port.holder else port.problem
            lines.append([("Port    ", "$muted"), (f"{port.port} {why}", "$error")])
    for sender in diagnosis.senders:
        game = sender.source or "no known game"
        text = f"{sender.host}:{sender.sender_port} to {sender.own_port}  {game}  "
        rate = f"{sender.rate_hz:.0f} Hz, {format_age(sender.age_s)} ago"
        lines.append([("Sender  ", "$muted"), (text, "$foreground"), (rate, "$muted")])
    for refused in diagnosis.refused:
        size = "other sizes" if refused.size is None else f"{refused.size} B"
        text = f"{refused.count} of {size} from {refused.sender}: {refused.looks_like}"
        lines.append([("Unread  ", "$muted"), (text, "$warning")])
    for talk in diagnosis.talks:
        text = f"{talk.source} at {talk.endpoint} ({talk.topic}): "
        text += f"asked {talk.sent}, answered {talk.answered}"
        if talk.complaint:
            text += f", {talk.complaint}"
        lines.append([("Asked   ", "$muted"), (text, "$foreground")])
    for each in diagnosis.forwards:
        text = f"to {each.target}: {each.sent} sent, {each.errors} errors"
        tone = "$error" if each.problem else "$foreground"
        lines.append(
            [("Forward ", "$muted"), (f"{text} {each.problem}".rstrip(), tone)]
        )
    if diagnosis.firewall:
        lines.append([("Firewall ", "$muted"), (diagnosis.firewall, "$muted")])
    return lines
