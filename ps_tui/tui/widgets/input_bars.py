"""What the driver's hands and feet do now: three pedals and the wheel."""

from __future__ import annotations

from ps_tui.domain.frame import Frame
from ps_tui.tui.widgets import palette
from ps_tui.tui.widgets.bar import absent_bar, bar_cells, centred_bar
from ps_tui.tui.widgets.rows import Piece, Rows

_NOT_SENT = "—  not sent"
_PEDALS = (
    ("THROTTLE", palette.THROTTLE),
    ("BRAKE", palette.BRAKE),
    ("CLUTCH", palette.CLUTCH),
)
_NUMBER_WIDTH = 6


class InputBars(Rows):
    """Throttle, brake and clutch as bars from the left, steering from the centre.

    The height decides the look: with eight rows each has a line for its name and
    one for its bar, with twelve a blank one between, with sixteen thick bars.
    """

    def __init__(self, *, dom_id: str) -> None:
        super().__init__(dom_id)
        self._pedals: tuple[float | None, ...] = (None, None, None)
        self._steering: float | None = None

    def set_frame(self, frame: Frame, clutch: float | None) -> None:
        """Show the inputs of a frame."""
        self._pedals = (frame.throttle, frame.brake, clutch)
        self._steering = frame.steering
        self.redraw()

    def draw(self) -> None:
        """Paint the four inputs."""
        step = max(1, min(4, self.extent.height // 4))
        for index, ((label, color), share) in enumerate(
            zip(_PEDALS, self._pedals, strict=True)
        ):
            number = None if share is None else f"{share * 100:.0f} %"
            self._paint_input(
                index * step, step, (label, number), self._bar(share, color, step)
            )
        self._draw_steering(3 * step, step)

    def _draw_steering(self, y: int, step: int) -> None:
        value = self._steering
        if value is None:
            pieces = self._bar(None, palette.STEERING, step)
            self._paint_input(y, step, ("STEERING", None), pieces)
            return
        width = (self._bar_width(step) - 1) // 2 * 2 + 1
        bar = centred_bar(value, width, is_ascii=self.is_ascii)
        half = width // 2
        ink = self.ink(palette.STEERING, on="track")
        pieces = (
            (bar[:half], ink),
            (bar[half], self.ink("muted", on="track")),
            (bar[half + 1 :], ink),
        )
        self._paint_input(y, step, ("STEERING", _steering_text(value)), pieces)

    def _bar(self, share: float | None, color: str, step: int) -> tuple[Piece, ...]:
        width = self._bar_width(step)
        if share is None:
            return ((absent_bar(width, is_ascii=self.is_ascii), self.ink("faint")),)
        filled, empty = bar_cells(share, width, is_ascii=self.is_ascii)
        return (
            (filled, self.ink(color, on="track")),
            (empty, self.ink("faint", on="track")),
        )

    def _bar_width(self, step: int) -> int:
        """Leave room for name and number beside the bar where they share a row."""
        width = self.extent.width
        return width if step > 1 else max(5, width - 9 - _NUMBER_WIDTH)

    def _paint_input(
        self,
        y: int,
        step: int,
        texts: tuple[str, str | None],
        pieces: tuple[Piece, ...],
    ) -> None:
        label, number = texts
        name = (label, self.ink("muted", is_bold=True))
        if step == 1:
            value = (
                f"{number or '—':>{_NUMBER_WIDTH}}",
                self.ink("" if number else "muted"),
            )
            key = (number, *pieces)
            self.paint(y, key, name, (" " * (9 - len(label)), name[1]), *pieces, value)
            return
        shown = number or _NOT_SENT
        gap = max(1, self.extent.width - len(label) - len(shown))
        value = (" " * gap + shown, self.ink("" if number else "muted"))
        self.paint(y, number, name, value)
        bar_rows = 2 if step >= 4 else 1
        for row in range(y + 1, y + 1 + bar_rows):
            self.paint(row, pieces, *pieces)


def _steering_text(value: float) -> str:
    percent = round(abs(value) * 100)
    if percent == 0:
        return "0 %"
    return f"{'L' if value < 0 else 'R'} {percent} %"
