"""Delta, sectors, fuel and what else the game tells, on the Live screen."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.frame import Identity
from ps_tui.domain.lap_figures import THIRDS
from ps_tui.domain.models import Lap, LapTrace, best_lap
from ps_tui.domain.recording import LapProgress
from ps_tui.domain.units import parse_lap_time
from ps_tui.tui.fuel_watch import FuelWatch, Tank, tank_of
from ps_tui.tui.live_reference import ReferenceKind, ReferenceShelf, Wanted
from ps_tui.tui.live_sectors import SectorClock
from ps_tui.tui.live_words import gap_text, signs
from ps_tui.tui.measuring import measure_laps
from ps_tui.tui.screens.live_lap import MINI_CUTS
from ps_tui.tui.widgets.delta_bar import number_text
from ps_tui.tui.workspace import Workspace
from tests.support.compared_laps import driven_trace
from tests.support.fake_services import FakeServices
from tests.support.fixed_data import IDENTITY, car_and_race, fixed_frames
from tests.support.live_feed import LAP_MS, LiveApp, LiveFeed
from tests.tui.test_live import rows_of, show, text_of

BEST_MS = 107_880


@pytest.fixture
def services() -> FakeServices:
    services = FakeServices()
    services.live.frames.clear()
    services.control.selected = services.library.all_sessions["s-quali"]
    return services


@pytest.fixture
def feed(services: FakeServices) -> LiveFeed:
    return LiveFeed(services)


async def test_the_delta_at_the_line_is_the_difference_of_the_official_times(
    feed: LiveFeed,
) -> None:
    slower_ms = 109_000
    frames = fixed_frames(feed.start_us, slower_ms, 3)
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.services.live.frames.extend(frames[:1])
        screen = await show(pilot)
        for index in range(1, len(frames), 30):
            feed.services.live.frames.extend(frames[index : index + 30])
            screen.tick()
        label, *digits, _bar = text_of(screen, "#delta").split("\n")
        assert label.startswith("DELTA  vs session best")
        assert digits[1].rstrip().endswith("▲ losing")
        predicted = digits[2].split("→ ")[1].strip()
        assert predicted in ("1:48.99", "1:49.00")
        shown_ms = screen.delta_ms
        assert shown_ms is not None
        assert abs(shown_ms - (slower_ms - BEST_MS)) <= 10


async def test_one_key_switches_the_reference(feed: LiveFeed) -> None:
    workspace = Workspace()
    workspace.compared.make_reference("s-practice-l4")
    app = LiveApp(feed.services, workspace=workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        feed.drive(20)
        screen = await show(pilot)
        seen = []
        for _ in range(6):
            await pilot.press("f")
            screen = await show(pilot)
            feed.drive(1)
            screen = await show(pilot)
            seen.append(text_of(screen, "#delta").split("\n")[0])
        names = ["all-time", "previous", "theoretical", "chosen lap", "session best"]
        for row, name in zip(seen, [*names, names[0]], strict=True):
            assert f"vs {name}" in row
            assert "→ 1:4" in row


async def test_a_time_can_be_typed_to_drive_against(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(80, 24)) as pilot:
        feed.drive(20)
        await show(pilot)
        await pilot.press("F", *"1:40.000", "enter")
        feed.drive(1)
        screen = await show(pilot)
        row = text_of(screen, "#delta").split("\n")[0]
        assert "vs typed time" in row
        assert "+1.5" in row


async def test_an_empty_delta_says_why(feed: LiveFeed) -> None:
    library = feed.services.library
    library.all_laps.clear()
    for key, session in library.all_sessions.items():
        library.all_sessions[key] = msgspec.structs.replace(
            session, best_lap_time_ms=None
        )
    async with LiveApp(feed.services).run_test(size=(80, 24)) as pilot:
        feed.drive(2)
        screen = await show(pilot)
        assert "no clean lap yet in this session" in text_of(screen, "#delta")
        await pilot.press("f")
        screen = await show(pilot)
        assert "no clean lap yet on this track" in text_of(screen, "#delta")


async def test_no_delta_without_a_position(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(20)
        frames = feed.services.live.frames
        screen = await show(pilot)
        assert screen.query_one("#sectors").region
        frames.append(
            msgspec.structs.replace(feed.next_frame(), normalized_position=None)
        )
        feed.services.clock.time_us += 1_000_000
        screen = await show(pilot)
        assert "the game sends no track position" in text_of(screen, "#delta")
        assert not screen.query_one("#sectors").region


async def test_sectors_have_letters_and_the_last_lap_stays(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(60)
        feed.services.live.progress = LapProgress(4, LAP_MS, True, LAP_MS)
        screen = await show(pilot)
        for _ in range(4):
            feed.drive(22)
            screen = await show(pilot)
        now, now_times, last, last_times = rows_of(screen.query_one("#sectors"))  # type: ignore[arg-type]
        assert now.startswith("NOW")
        assert set(last[5:29]) <= set("PGY")
        assert now.count("·") > 10
        times = [part[:6] for part in last_times.split() if "." in part]
        assert abs(sum(map(float, times)) * 1000 - LAP_MS) <= 1
        assert now_times.startswith("S1 3")


async def test_a_lap_that_was_invalid_has_no_letters(feed: LiveFeed) -> None:
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(50)
        await show(pilot)
        feed.services.live.lap_can_count = False
        feed.drive(20)
        screen = await show(pilot)
        now = rows_of(screen.query_one("#sectors"))[0]  # type: ignore[arg-type]
        assert not set(now[5:29]) & set("PGY")
        feed.drive(50)
        await show(pilot)
        feed.drive(3)
        feed.services.live.lap_can_count = True
        feed.services.live.progress = LapProgress(4, LAP_MS, False, LAP_MS)
        feed.drive(37)
        await show(pilot)
        for _ in range(3):
            feed.drive(22)
            screen = await show(pilot)
        last = rows_of(screen.query_one("#sectors"))[2]  # type: ignore[arg-type]
        assert last.startswith("LAST")
        assert not set(last[5:29]) & set("PGY")


async def test_the_last_lap_is_shown_as_it_is_stored(feed: LiveFeed) -> None:
    """Also if it was not seen here, as while another screen was open."""
    library = feed.services.library
    del library.all_laps["s-quali-l9"]
    last = library.all_laps["s-quali-l8"]
    feed.services.live.progress = LapProgress(4, last.lap_time_ms, True, BEST_MS)
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(20)
        await show(pilot)
        await pilot.app.workers.wait_for_complete()
        feed.drive(1)
        screen = await show(pilot)
        strip = screen.query_one("#sectors")
        _now, _times, row, times = rows_of(strip)  # type: ignore[arg-type]
        assert set(row[5:29]) <= set("PGY")
        shown = [part[:6] for part in times.split() if "." in part]
        assert round(sum(map(float, shown)) * 1000) == last.lap_time_ms
        await library.exclude_lap(last.id, "traffic")
        await screen.load()
        await pilot.app.workers.wait_for_complete()
        feed.drive(1)
        screen = await show(pilot)
        assert not set(rows_of(strip)[2][5:29]) & set("PGY")  # type: ignore[arg-type]


async def test_who_joins_late_sees_the_last_and_best_lap_that_the_game_tells(
    feed: LiveFeed,
) -> None:
    live = feed.services.live
    live.progress = LapProgress()
    live.extra |= {"last_lap_time": 90_714.0, "best_lap_time": 90_500.0}
    async with LiveApp(feed.services).run_test(size=(80, 24)) as pilot:
        feed.drive(3)
        rows = text_of(await show(pilot), "#lap-times").split("\n")
        assert rows[1].split() == ["LAST", "1:30.714", "game's"]
        assert rows[2].split() == ["BEST", "1:30.500", "game's"]
        live.progress = LapProgress(4, 91_000, True, 91_000)
        feed.drive(3)
        rows = text_of(await show(pilot), "#lap-times").split("\n")
        assert rows[1].split() == ["LAST", "1:31.000", "PB"]
        assert rows[2].split()[:2] == ["BEST", "1:31.000"]
        assert "game's" not in rows[2]


async def test_the_game_tells_of_car_and_race_only_what_it_sends(
    feed: LiveFeed,
) -> None:
    feed.services.live.extra.clear()
    async with LiveApp(feed.services).run_test(size=(120, 36)) as pilot:
        feed.drive(3)
        screen = await show(pilot)
        assert not screen.query_one("#car").region
        await pilot.press("t")
        assert not screen.query_one("#car").region
        feed.services.live.extra.update(car_and_race())
        feed.drive(1)
        await show(pilot)
        screen = await show(pilot)
        car = text_of(screen, "#car")
        for words in ("38.2 kg", "64 %", "overtake", "OPEN", "+1.23 bar", "98/92"):
            assert words in car
        assert car.count("12 %  158 kPa".replace("  ", " ")) == 4
        assert "P4    ahead 1.234 leader 1:12.345" in text_of(screen, "#lap-times")
        heading = text_of(screen, "#heading")
        assert "VIRTUAL SAFETY CAR" in heading
        assert "YELLOW FLAG" in heading


@pytest.mark.parametrize("size", [(80, 24), (110, 30), (120, 36)])
async def test_one_key_gives_the_car_the_place_of_the_plots(
    feed: LiveFeed, size: tuple[int, int]
) -> None:
    feed.services.live.extra.update(car_and_race())
    async with LiveApp(feed.services).run_test(size=size) as pilot:
        feed.drive(3)
        screen = await show(pilot)
        await pilot.press("t")
        feed.drive(1)
        screen = await show(pilot)
        car = text_of(screen, "#car")
        for words in ("RL", "RR", "P4", "FUEL", "158 kPa"):
            assert words in car
        assert not screen.query_one("#speed-trace").region
        await pilot.press("t")
        feed.drive(1)
        screen = await show(pilot)
        assert "".join(text_of(screen, "#speed-trace")).strip()


def test_fuel_is_measured_from_line_to_line() -> None:
    watch = FuelWatch()
    for lap_number, left in ((1, 50.0), (1, 49.0), (2, 48.5), (2, 47.0), (3, 45.5)):
        watch.update(lap_number, Tank(left, "l"))
    assert watch.burn_per_lap == 3.0
    assert watch.laps_left(Tank(45.0, "l")) == 15.0
    watch.update(3, Tank(80.0, "l"))
    watch.update(4, Tank(78.0, "l"))
    assert watch.burn_per_lap == 3.0


def test_a_tank_is_told_in_the_best_unit_that_is_sent() -> None:
    assert tank_of(40.0, 30.0, 0.5) == Tank(40.0, "l")
    assert tank_of(None, 30.0, 0.5) == Tank(30.0, "kg")
    assert tank_of(None, None, 0.5) == Tank(50.0, "%")
    assert tank_of(None, None, None) is None


def test_sector_clock_needs_both_ends_of_a_sector() -> None:
    clock = SectorClock((0.5,))
    clock.update(0.3, 30_000, 0)
    for step in range(1, 80):
        place = 0.3 + step * 0.01
        clock.update(place % 1, (30_000 + step * 1000) % 100_000, step * 1_000_000)
    assert clock.previous == (None, 50_000)
    assert clock.running == (None, None)
    for step in range(80, 142):
        place = 0.3 + step * 0.01
        clock.update(place % 1, (30_000 + step * 1000) % 100_000, step * 1_000_000)
    assert clock.running == (50_000, None)


@pytest.mark.parametrize("cuts", [THIRDS, MINI_CUTS])
@pytest.mark.parametrize("late", [-2, 0, 2])
def test_sectors_add_up_also_where_the_clock_turns_early_or_late(
    cuts: tuple[float, ...], late: int
) -> None:
    clock = SectorClock(cuts)
    lap_ms, step_ms = 20_000, 100
    for index in range(int(2.5 * lap_ms / step_ms)):
        at_ms = index * step_ms
        clock_ms = (at_ms - late * step_ms) % lap_ms if index > late else 0
        clock.update(at_ms % lap_ms / lap_ms, clock_ms, at_ms * 1000)
    total_ms = sum(time_ms or 0 for time_ms in clock.previous)
    assert None not in clock.previous[1:]
    assert total_ms == pytest.approx(lap_ms, abs=1 + abs(late) * step_ms)


def test_what_jumps_is_not_timed() -> None:
    clock = SectorClock((0.5,))
    clock.update(0.001, 10, 0)
    clock.update(0.7, 20_000, 20_000_000)
    assert clock.running == (None, None)


def wanted(services: FakeServices, kind: ReferenceKind, **changes: Any) -> Wanted:
    """Return what the Live screen asks for in the session of the fixed data."""
    laps = [
        lap for lap in services.library.all_laps.values() if lap.session_id == "s-quali"
    ]
    known = Wanted(kind, "s-quali", tuple(laps), IDENTITY, best_lap(laps))
    return known._replace(**changes)


async def measured(services: FakeServices) -> ReferenceShelf:
    """Return a shelf over laps whose sectors are known."""
    library = services.library
    await measure_laps(library, library.all_sessions["s-quali"])
    library.traces_loaded.clear()
    return ReferenceShelf(library)


async def test_a_reference_is_kept_once_it_was_loaded() -> None:
    services = FakeServices()
    shelf = await measured(services)
    asked = wanted(services, ReferenceKind.SESSION_BEST)
    first = await shelf.prepare(asked)
    assert first.delta.reference_ms == BEST_MS
    assert services.library.traces_loaded == ["s-quali-l4"]
    await shelf.prepare(asked)
    assert services.library.traces_loaded == ["s-quali-l4"]
    assert first.delta.update(None, 1) is None


@pytest.mark.parametrize(
    ("kind", "lap_id"),
    [
        (ReferenceKind.SESSION_BEST, "s-quali-l4"),
        (ReferenceKind.ALL_TIME_BEST, "s-quali-l4"),
        (ReferenceKind.PREVIOUS, "s-quali-l8"),
        (ReferenceKind.CHOSEN, "s-practice-l2"),
    ],
)
async def test_each_reference_is_the_lap_it_says(
    kind: ReferenceKind, lap_id: str
) -> None:
    services = FakeServices()
    services.library.make_trace = driven_trace
    shelf = await measured(services)
    found = await shelf.prepare(wanted(services, kind, chosen_id="s-practice-l2"))
    assert services.library.traces_loaded == [lap_id]
    lap = services.library.all_laps[lap_id]
    assert found.delta.reference_ms == lap.lap_time_ms


async def test_the_all_time_best_is_of_another_session_where_that_was_quicker() -> None:
    services = FakeServices()
    library = services.library
    lap = library.all_laps["s-practice-l3"]
    library.all_laps[lap.id] = msgspec.structs.replace(lap, lap_time_ms=99_000)
    session = library.all_sessions["s-practice"]
    library.all_sessions[session.id] = msgspec.structs.replace(
        session, best_lap_time_ms=99_000
    )
    found = await ReferenceShelf(library).prepare(
        wanted(services, ReferenceKind.ALL_TIME_BEST)
    )
    assert found.delta.reference_ms == 99_000


async def test_the_theoretical_reference_is_the_sum_of_the_best_sectors() -> None:
    services = FakeServices()
    services.library.make_trace = driven_trace
    shelf = await measured(services)
    found = await shelf.prepare(wanted(services, ReferenceKind.THEORETICAL))
    (best,) = found.bests.session.values()
    assert found.delta.reference_ms == pytest.approx(
        sum(time_ms or 0 for time_ms in best), abs=3
    )
    assert found.delta.reference_ms < BEST_MS


async def test_a_typed_time_is_driven_at_the_pace_of_the_best_lap() -> None:
    services = FakeServices()
    shelf = await measured(services)
    asked = wanted(services, ReferenceKind.TYPED, typed_ms=100_000)
    found = await shelf.prepare(asked)
    assert found.delta.reference_ms == 100_000
    assert found.delta.update(0.5, 50_000) == pytest.approx(0, abs=40)


def unplaced(lap: Lap) -> LapTrace:
    raise DatabaseError("The trace is damaged.")


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        (ReferenceKind.SESSION_BEST, {"best": None}, "no clean lap yet in this"),
        (ReferenceKind.SESSION_BEST, {}, "not seen whole"),
        (ReferenceKind.ALL_TIME_BEST, {"identity": Identity()}, "tells no track"),
        (
            ReferenceKind.ALL_TIME_BEST,
            {"identity": Identity(track="Imola", car="Fiat")},
            "no clean lap yet on this track",
        ),
        (ReferenceKind.PREVIOUS, {"laps": ()}, "no lap before this one counts"),
        (ReferenceKind.THEORETICAL, {"session_id": None}, "a sector lacks"),
        (ReferenceKind.CHOSEN, {}, "r on a lap on 4"),
        (ReferenceKind.CHOSEN, {"chosen_id": "gone"}, "r on a lap on 4"),
        (ReferenceKind.CHOSEN, {"chosen_id": "s-spa-l2"}, "of another track"),
        (ReferenceKind.TYPED, {}, "F types a time"),
        (
            ReferenceKind.TYPED,
            {"typed_ms": 1, "best": None, "identity": Identity()},
            "no lap yet to take the pace from",
        ),
    ],
)
async def test_every_empty_reference_says_why(
    kind: ReferenceKind, changes: dict[str, Any], reason: str
) -> None:
    services = FakeServices()
    services.library.make_trace = unplaced
    shelf = ReferenceShelf(services.library)
    found = await shelf.prepare(wanted(services, kind, **changes))
    assert found.delta.update(0.5, 50_000) is None
    assert reason in (found.delta.reason or "")


@pytest.mark.parametrize("size", [(80, 24), (110, 30), (120, 36)])
async def test_the_possible_best_is_on_the_screen(
    feed: LiveFeed, size: tuple[int, int]
) -> None:
    feed.services.library.make_trace = driven_trace
    async with LiveApp(feed.services).run_test(size=size) as pilot:
        feed.drive(5)
        await show(pilot)
        feed.drive(15)
        screen = await show(pilot)
        possible_ms = screen.lap.possible_ms
        assert possible_ms is not None
        assert 100_000 < possible_ms <= BEST_MS
        text = text_of(screen, "#lap-times")
        assert f"1:{possible_ms / 1000 - 60:.3f}"[:5] in text.split("BEST")[1]


def test_every_kind_of_reference_has_its_turn() -> None:
    kinds = list(ReferenceKind)
    assert [kind.next for kind in kinds] == [*kinds[1:], kinds[0]]
    assert all(kind.missing for kind in kinds)


@pytest.mark.parametrize(
    ("text", "lap_time_ms"),
    [
        ("1:47.880", 107_880),
        ("1:47.8", 107_800),
        ("107,88", 107_880),
        ("62", 62_000),
        ("1:75.000", None),
        ("fast", None),
        ("0", None),
    ],
)
def test_lap_times_as_they_are_typed(text: str, lap_time_ms: int | None) -> None:
    assert parse_lap_time(text) == lap_time_ms


def test_words_beside_the_track() -> None:
    assert signs(None, None) == ()
    assert signs(0, 0) == ()
    assert [sign.word for sign in signs(4, 1)] == ["SAFETY CAR", "RED FLAG"]
    assert gap_text(None) is None
    assert gap_text(999) == "0.999"
    assert gap_text(72_345) == "1:12.345"
    assert [number_text(value) for value in (-213, 12_345, 0)] == [
        "-0.213",
        "+12.34",
        "+0.000",
    ]
