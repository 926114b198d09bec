"""From key press to painted lap table: 10,000 laps of a session against 100.

The real screen on a real database; the sessions take turns, so that both meet the
same machine. ``cpu`` is processor time of all threads until then, which other
programs disturb less. ``summary_ms`` is until letters, bests, spread and trend are
there, which take a look at all laps. Prints JSON.

    python tests/bench/laps_table.py [--rounds N] [--laps N]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import msgspec
from textual.pilot import Pilot

from ps_tui.domain.lap_figures import THIRDS, lines_text
from ps_tui.domain.models import SessionDraft
from ps_tui.storage.sqlite import SqliteStore, open_store
from ps_tui.storage.sqlite.figures import RULE
from ps_tui.tui.app import PsApp
from ps_tui.tui.screens.lap_table import LapTableScreen
from ps_tui.tui.widgets.paged_table import PagedTable
from tests.support.fake_services import FakeServices
from tests.support.recordings import ManualClock, begin, record_laps
from tests.support.stored_laps import put_laps

FEW, MANY = 100, 10_000
SIZE = (120, 36)
GOAL = 1.5
MOST_WAITS = 20_000
_FIGURES = (
    "INSERT INTO lap_figures SELECT n, ?, frame_count, lap_time_ms, ?,"
    " lap_time_ms / 3 - lap_number % 7, lap_time_ms / 3,"
    " lap_time_ms - lap_time_ms / 3 * 2 + lap_number % 7, zeroblob(96), 60.0, 17.0,"
    " 1.0, 2.1, 'l', 0.2 FROM laps WHERE frame_count > 1000"
)
_TRACE = (
    "INSERT INTO lap_traces SELECT l.n, t.frame_count, t.codec, t.channels_json,"
    " t.t0_us, t.crc32, t.data FROM laps AS l, lap_traces AS t"
    " WHERE l.frame_count > 1000 AND l.lap_time_ms < 90000 AND t.lap_n = 1"
)


async def fill(store: SqliteStore, path: Path, counts: tuple[int, ...]) -> list[str]:
    """Make a session of so many laps each; the best of each has frames."""
    recorded = await begin(store)
    await record_laps(store, recorded, 1, 600)
    await store.recording.finish_recording(recorded)
    ids = []
    for count in counts:
        draft = SessionDraft(f"{count} laps", track="Monza", car=f"Car {count}")
        session = await store.library.create_session(draft)
        rows = [
            (89_000 if n == count // 2 else 90_000 + n * 7919 % 5000, kind, 1, None)
            for n in range(count)
            for kind in ["out" if n % 20 == 0 else "flying"]
        ]
        put_laps(path, session.id, rows)
        ids.append(session.id)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(_FIGURES, (RULE, lines_text(THIRDS)))
        connection.execute(_TRACE)
        connection.execute("ANALYZE")
        connection.commit()
    return ids


class Figures(NamedTuple):
    """What one opening took."""

    painted_ms: float
    painted_cpu_ms: float
    summary_ms: float


class Paints:
    """Notes when the rows of the newest session were painted."""

    def __init__(self) -> None:
        self.wanted = 0
        self.at: float | None = None
        self.cpu = 0.0
        render = PagedTable.render_line

        def timed(table: PagedTable, y: int) -> Any:
            strip = render(table, y)
            is_row = table.row_count == self.wanted and table.current_key is not None
            if y and self.at is None and is_row:
                self.at, self.cpu = time.perf_counter(), time.process_time()
            return strip

        setattr(PagedTable, "render_line", timed)  # noqa: B010  mypy sees a method


async def settle(pilot: Pilot[None]) -> None:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await asyncio.sleep(0.15)


async def wait_for(is_done: Any) -> None:
    for _ in range(MOST_WAITS):
        if is_done():
            return
        await asyncio.sleep(0.001)
    raise TimeoutError("nothing was painted")


async def measure(rounds: int, many: int) -> dict[str, Any]:
    fake, paints = FakeServices(), Paints()
    counts = (FEW, many)
    found: dict[int, list[Figures]] = {count: [] for count in counts}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "telemetry.db"
        store = await open_store(path, ManualClock())
        try:
            ids = dict(zip(counts, await fill(store, path, counts), strict=True))
            bundle = msgspec.structs.replace(fake.bundle, library=store.library)

            async def connect() -> Any:
                return bundle

            app = PsApp(connect, fps=0)
            app.animation_level = "none"
            async with app.run_test(size=SIZE) as pilot:
                await settle(pilot)
                for turn in range(rounds + 1):
                    for count in counts if turn % 2 else reversed(counts):
                        figures = await open_table(pilot, ids[count], count, paints)
                        if turn:  # The first turn makes the screen.
                            found[count].append(figures)
        finally:
            await store.close()
    return report(found, many)


async def open_table(
    pilot: Pilot[None], session_id: str, count: int, paints: Paints
) -> Figures:
    """Press the key from another place; return ms to the table, and to the rest."""
    app = pilot.app
    assert isinstance(app, PsApp)
    await pilot.press("1")
    await settle(pilot)
    app.workspace.session_id = session_id
    paints.wanted, paints.at = count, None
    started, cpu = time.perf_counter(), time.process_time()
    app.simulate_key("4")
    await wait_for(lambda: paints.at is not None)

    def is_summed() -> bool:
        screen = app.screen
        assert isinstance(screen, LapTableScreen)
        summary = screen.summary
        return bool(summary and summary.count == count and summary.pace.counted)

    await wait_for(is_summed)
    summed = time.perf_counter()
    await settle(pilot)
    assert paints.at is not None
    return Figures(
        (paints.at - started) * 1000,
        (paints.cpu - cpu) * 1000,
        (summed - started) * 1000,
    )


def report(found: dict[int, list[Figures]], many: int) -> dict[str, Any]:
    middle = {
        count: Figures(
            *(statistics.median(column) for column in zip(*rows, strict=True))
        )
        for count, rows in found.items()
    }
    few_figures, many_figures = middle[FEW], middle[many]
    return {
        "bench": "laps_table",
        "size": "x".join(map(str, SIZE)),
        "laps": [FEW, many],
        "goal": {"ratio_at_most": GOAL},
        **{
            field: {
                str(count): round(getattr(row, field), 1)
                for count, row in middle.items()
            }
            for field in Figures._fields
        },
        "ratio": round(many_figures.painted_ms / few_figures.painted_ms, 2),
        "ratio_cpu": round(many_figures.painted_cpu_ms / few_figures.painted_cpu_ms, 2),
        "n": len(found[many]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--laps", type=int, default=MANY)
    options = parser.parse_args()
    print(json.dumps(asyncio.run(measure(options.rounds, options.laps)), indent=2))


if __name__ == "__main__":
    main()
