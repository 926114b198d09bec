"""What takes the frames of a stream: a recorder while there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ps_tui.collector.pipeline import Sink, Stream
from ps_tui.collector.recorder import Recorder
from ps_tui.domain.laps import LapEvent


class Intake:
    """Puts recorders into the way of a stream's frames, one after the other.

    ``make_recorder`` gives one that is not begun; without one ``take_unrecorded``
    is given what comes.
    """

    def __init__(
        self,
        stream: Stream,
        make_recorder: Callable[[], Recorder],
        take_unrecorded: Sink,
    ) -> None:
        self._stream = stream
        self._make_recorder = make_recorder
        self._take_unrecorded = take_unrecorded
        self.recorder: Recorder | None = None
        """The one that takes frames now."""
        stream.sink = take_unrecorded
        stream.on_cut = self._note_cut

    def install(self) -> Recorder:
        """Let a fresh recorder take every frame from now on."""
        recorder = self.recorder = self._make_recorder()
        self._stream.sink = recorder.put
        recorder.put_identity(self._stream.identity)
        return recorder

    def remove(self) -> None:
        """Let no recorder take what comes from now on."""
        self.recorder = None
        self._stream.sink = self._take_unrecorded

    def is_current(self, recorder: Recorder) -> bool:
        """Say whether this one takes what comes."""
        return recorder is self.recorder

    def cut(self, reason: str, *, is_new_session: bool) -> None:
        """End the running lap, for the recorder that takes it so far."""
        self._note_cut(self._stream.cut(reason, is_new_session=is_new_session))

    def _note_cut(self, events: Sequence[LapEvent]) -> None:
        if self.recorder is not None:
            self.recorder.put_events(events)
