"""Fuel, energy and tyres: as much as the game sends and the space holds."""

from __future__ import annotations

from typing import NamedTuple

from ps_tui.tui import measures
from ps_tui.tui.car_state import CarState, RaceState, Tyres, Wheels
from ps_tui.tui.live_words import ERS_MODES, gap_text
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.bar import bar_cells
from ps_tui.tui.widgets.rows import Piece, Rows
from ps_tui.tui.words import counted

Line = tuple[Piece, ...]
_NAMES = ("FL", "FR", "RL", "RR")
_LABEL = 7
_WORN = 0.7
"""From this wear on a tyre is marked."""
_ROOMY_HALF = 20
"""From this width of a wheel on its figures are named."""


class _Look(NamedTuple):
    """How much is shown, and how far apart."""

    is_spaced: bool
    has_brakes: bool
    has_race: bool


_LOOKS = (
    _Look(True, True, True),
    _Look(False, True, True),
    _Look(True, False, True),
    _Look(False, False, True),
    _Look(False, False, False),
)
"""The first that fits is drawn; the last is cut where it does not."""


class CarBlock(Rows):
    """Strategy above, the four corners below; a line that is not sent has no row."""

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._car = CarState()
        self._race = RaceState()

    def set_state(self, car: CarState, race: RaceState) -> None:
        """Show the car; the gaps only where there is much room."""
        if (car, race) != (self._car, self._race):
            self._car, self._race = car, race
            self.redraw()

    def draw(self) -> None:
        """Paint the lines from the top and leave the rest blank."""
        height = self.extent.height
        lines: list[Line] = []
        for look in _LOOKS:
            lines = self._lines(look)
            if len(lines) <= height:
                break
        for y in range(height):
            line = lines[y] if y < len(lines) else ()
            self.paint(y, line, *line)

    def _lines(self, look: _Look) -> list[Line]:
        groups = [self._race_lines() if look.has_race else [], self._strategy()]
        groups.append(self._tyre_lines(self._car.tyres, look))
        lines: list[Line] = []
        for group in groups:
            if group and lines and look.is_spaced:
                lines.append(())
            lines += group
        return lines

    def _label(self, word: str) -> Piece:
        return (f"{word:<{_LABEL}}", self.ink("muted", is_bold=True))

    def _race_lines(self) -> list[Line]:
        race = self._race
        lines: list[Line] = []
        if race.place is not None:
            place = (f"P{race.place:.0f}", self.ink(is_bold=True))
            lines.append((self._label("PLACE"), place))
        gaps = (
            ("ahead", race.ahead_ms),
            ("behind", race.behind_ms),
            ("leader", race.leader_ms),
        )
        pieces: list[Piece] = []
        for name, gap_ms in gaps:
            if (text := gap_text(gap_ms)) is not None:
                pieces.append((f"{name} ", self.ink("muted")))
                pieces.append((f"{text}  ", self.ink()))
        if pieces:
            lines.append((self._label("GAPS"), *pieces))
        return lines

    def _strategy(self) -> list[Line]:
        car = self._car
        lines = [self._fuel_line(car), self._ers_line(car), self._drs_line(car)]
        return [line for line in lines if line]

    def _fuel_line(self, car: CarState) -> Line:
        pieces: list[Piece] = []
        if car.tank is not None:
            text = f"{car.tank.left:.1f} {car.tank.unit}"
            pieces.append((f"{text:<7} ", self.ink(is_bold=True)))
        if car.laps_left is not None and car.burn is not None and car.tank:
            # Past a hundred the tenths have no room, and tell nobody anything.
            decimals = 1 if car.laps_left < 99.5 else 0
            pieces.append((f"{car.laps_left:.{decimals}f} laps", self.ink()))
            burn = f" {car.burn:.2f}/lap"
            pieces.append((burn, self.ink("muted")))
        elif car.fuel_margin_laps is not None:
            text = f"{car.fuel_margin_laps:+z.1f} laps"
            is_short = car.fuel_margin_laps < 0
            pieces.append((text, self.ink(palette.CAUTION if is_short else "")))
            pieces.append((" short" if is_short else " spare", self.ink("muted")))
        return (self._label("FUEL"), *pieces) if pieces else ()

    def _ers_line(self, car: CarState) -> Line:
        if car.ers_charge is None and car.ers_mode is None:
            return ()
        pieces: list[Piece] = [self._label("ERS")]
        if car.ers_charge is not None:
            width = max(6, min(20, self.extent.width - 24))
            filled, empty = bar_cells(car.ers_charge, width, is_ascii=self.is_ascii)
            pieces.append((filled, self.ink(palette.GEAR, on="track")))
            pieces.append((empty, self.ink("faint", on="track")))
            pieces.append((f" {car.ers_charge * 100:>3.0f} %  ", self.ink()))
        if car.ers_mode is not None:
            mode = ERS_MODES.get(int(car.ers_mode), f"mode {car.ers_mode:.0f}")
            pieces.append((mode, self.ink("muted")))
        return tuple(pieces)

    def _drs_line(self, car: CarState) -> Line:
        pieces: list[Piece] = []
        if car.drs_open is not None or car.drs_allowed is not None:
            word, color = "off", "muted"
            if car.drs_open:
                word, color = "OPEN", palette.GOOD
            elif car.drs_allowed:
                word, color = "allowed", palette.BEST
            pieces.append(self._label("DRS"))
            pieces.append((f"{word:<9}", self.ink(color, is_bold=word == "OPEN")))
        if car.boost_kpa is not None:
            pieces.append(self._label("BOOST"))
            pieces.append((f"{car.boost_kpa / 100:+z.2f} bar", self.ink()))
        return tuple(pieces)

    def _tyre_lines(self, tyres: Tyres, look: _Look) -> list[Line]:
        if not tyres.is_sent:
            return []
        lines: list[Line] = [self._tyre_head(tyres)]
        for left in (0, 2):
            if look.is_spaced and left:
                lines.append(())
            pair = (left, left + 1)
            heads = [self._heat(tyres, wheel) for wheel in pair]
            lines.append(self._pair([_NAMES[wheel] for wheel in pair], heads))
            feet = [self._worn(tyres, wheel) for wheel in pair]
            if any(text for text, _color in feet):
                lines.append(self._pair(["", ""], feet))
            if look.has_brakes and _has(tyres.brake_c):
                brakes = [_heat_of(tyres.brake_c[wheel]) for wheel in pair]
                texts = [(text, "muted") for text in brakes]
                lines.append(self._pair(["", ""], texts))
        return lines

    def _tyre_head(self, tyres: Tyres) -> Line:
        measured = {"surface": tyres.surface_c, "core": tyres.core_c}
        words = "/".join(name for name, wheels in measured.items() if _has(wheels))
        if words:
            words += f" {measures.label('°C')}"
        pieces: list[Piece] = [self._label("TYRES"), (words, self.ink("muted"))]
        if tyres.age_laps is not None:
            age = f"{counted(round(tyres.age_laps), 'lap')} old"
            room = self.extent.width - _LABEL - len(words)
            if room > len(age):
                pieces.append((age.rjust(room), self.ink("muted")))
        return tuple(pieces)

    def _pair(self, names: list[str], texts: list[tuple[str, str]]) -> Line:
        """Return one row of two wheels, left and right."""
        half = max(15, self.extent.width // 2)
        pieces: list[Piece] = []
        for name, (text, color) in zip(names, texts, strict=True):
            pieces.append((f"{name:<3}", self.ink("muted", is_bold=True)))
            pieces.append((text.ljust(half - 3), self.ink(color)))
        return tuple(pieces)

    def _heat(self, tyres: Tyres, wheel: int) -> tuple[str, str]:
        known = [row[wheel] for row in (tyres.surface_c, tyres.core_c) if _has(row)]
        texts = [
            "—" if value is None else f"{measures.amount(value, '°C'):.0f}"
            for value in known
        ]
        return "/".join([f"{texts[0]:>3}", *texts[1:]]) if texts else "", ""

    def _worn(self, tyres: Tyres, wheel: int) -> tuple[str, str]:
        wear = tyres.wear[wheel]
        name = "worn " if self.extent.width // 2 >= _ROOMY_HALF else ""
        parts = [
            _one(None if wear is None else wear * 100, name, " %"),
            _one(tyres.pressure_kpa[wheel], "", " kPa"),
        ]
        is_worn = wear is not None and wear >= _WORN
        color = palette.CAUTION if is_worn else "muted"
        return " ".join(part for part in parts if part), color


def _has(wheels: Wheels) -> bool:
    return any(value is not None for value in wheels)


def _heat_of(brake_c: float | None) -> str:
    shown = None if brake_c is None else measures.amount(brake_c, "°C")
    return _one(shown, "brake ", f" {measures.label('°C')}")


def _one(value: float | None, before: str, after: str) -> str:
    return "" if value is None else f"{before}{value:>3.0f}{after}"
