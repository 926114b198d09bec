"""The ways through the screens that a person goes, by keyboard alone."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from ps_tui.domain.errors import DatabaseBusyError, DatabaseError, GoneError
from ps_tui.domain.health import Backup
from ps_tui.domain.laps import LapCompleted
from ps_tui.domain.models import LapKind, SessionStatus
from ps_tui.domain.recording import Alert, LapProgress, LapStored
from tests.support.fake_services import OTHER_RECORDER, FakeServices
from tests.tui.conftest import Start


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_event_session_and_recording_by_keyboard(
    desk_of: Start, size: tuple[int, int]
) -> None:
    async with desk_of(FakeServices(is_empty=True), size=size) as desk:
        assert "n makes the first one" in desk.text
        await desk.press("n")
        await desk.type("Monza weekend")
        await desk.press("enter")
        (event,) = desk.fake.library.all_events.values()
        assert event.name == "Monza weekend"
        await desk.press("enter")
        assert desk.place == "sessions"
        assert "No sessions in this event yet" in desk.text
        await desk.press("n", "enter")
        (session,) = desk.fake.library.all_sessions.values()
        assert session.name == "Session 1"
        assert session.event_id == event.id
        assert desk.fake.control.selected == session
        await desk.press("R")
        assert desk.fake.control.session is not None
        assert desk.fake.control.session.id == session.id
        assert "● REC Session 1" in desk.text
        await desk.press("R")
        assert desk.fake.control.session is None
        stored = desk.fake.library.all_sessions[session.id]
        assert stored.status is SessionStatus.COMPLETED


async def test_enter_saves_from_any_field_and_selects_the_new_event(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        await desk.press("j", "n")
        await desk.type("Imola")
        await desk.press("tab")
        await desk.type("Autodromo")
        await desk.press("enter")
        made = desk.fake.library.all_events["e-new-1"]
        assert (made.name, made.location) == ("Imola", "Autodromo")
        await desk.press("enter")
        assert desk.app.workspace.event_id == "e-new-1"


async def test_a_form_says_what_is_wrong_and_keeps_what_was_typed(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        await desk.press("n", "enter")
        assert "Type a name, then press enter." in desk.text
        await desk.type("Imola")
        await desk.press("tab", "tab")
        await desk.type("soon")
        await desk.press("enter")
        assert "write it as 2026-05-31" in desk.text
        day = desk.app.screen.query_one("#start-date", Input)
        day.value = "2026-10-30"
        desk.fake.library.faults.next_error = DatabaseBusyError(
            "The database is locked.", "Close the other program."
        )
        await desk.press("enter")
        assert "The database is locked. Close the other program." in desk.text
        assert desk.app.screen.query_one("#name", Input).value == "Imola"
        await desk.press("enter")
        assert desk.fake.library.all_events["e-new-1"].start_date == "2026-10-30"


async def test_escape_leaves_a_form_without_saving(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("n")
        await desk.type("Imola")
        await desk.press("escape")
        assert len(desk.fake.library.all_events) == 3
        assert "1 Events" in desk.text


async def test_editing_keeps_the_identity(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("e")
        await desk.press("end")
        await desk.type("!")
        await desk.press("enter")
        assert desk.fake.library.all_events["e-monza"].name == "Monza weekend!"


async def test_delete_says_what_goes_and_undo_brings_it_back(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("d")
        assert 'Delete event "Monza weekend"?' in desk.text
        assert "3 sessions and 15 laps" in desk.text
        await desk.press("enter")
        assert desk.fake.library.all_events["e-monza"].deleted_us is not None
        assert "Spa track day" in desk.text
        await desk.press("u")
        assert desk.fake.library.all_events["e-monza"].deleted_us is None
        assert desk.fake.library.all_sessions["s-quali"].deleted_us is None


async def test_what_was_purged_meanwhile_cannot_be_undone(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("d", "enter")
        del desk.fake.library.all_events["e-monza"]
        await desk.press("u")
        assert "is gone for good" in " ".join(desk.text.split())
        assert "no event" not in desk.text
        assert "Undo" not in desk.text


async def test_what_another_window_emptied_is_no_longer_selected(
    desk_of: Start,
) -> None:
    async with desk_of(size=(120, 36)) as desk:
        await desk.press("enter", "enter")
        assert desk.app.workspace.session_id is not None
        library = desk.fake.library
        library.all_events.clear()
        library.all_sessions.clear()
        library.all_laps.clear()
        desk.app.screen.show_error(GoneError("lap", "3"))
        assert desk.app.workspace.session_id is not None
        await desk.press("2", "4")
        assert "is no longer there" in " ".join(desk.text.split())
        assert "No laps here yet." in desk.text
        assert desk.app.workspace.session_id is None


async def test_deleting_what_records_shows_the_refusal(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.fake.control.select("s-race")
        await desk.fake.control.start()
        await desk.press("2", "d", "enter")
        assert "Race is being recorded. Press R to stop it first." in desk.text
        await desk.press("escape")
        assert desk.fake.library.all_sessions["s-race"].deleted_us is None


async def test_a_lap_and_a_session_can_be_deleted_and_undone(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("4", "d", "enter")
        assert desk.fake.library.all_laps["s-quali-l4"].deleted_us is not None
        await desk.press("u")
        assert desk.fake.library.all_laps["s-quali-l4"].deleted_us is None
        await desk.press("2", "j", "d", "enter")
        assert desk.fake.library.all_sessions["s-quali"].deleted_us is not None
        await desk.press("u")
        assert desk.fake.library.all_sessions["s-quali"].deleted_us is None


async def test_filter_hides_what_does_not_match(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("slash")
        await desk.type("spa")
        await desk.press("enter")
        assert "Spa track day" in desk.text
        assert "Nürburgring" not in desk.text
        await desk.press("enter")
        assert desk.app.workspace.event_id == "e-spa"
        await desk.press("1", "escape")
        assert "24 h Nürb" in desk.text
        await desk.press("slash")
        await desk.type("zzz")
        assert "Nothing matches 'zzz'." in desk.text


async def test_levels_down_with_enter_and_up_with_escape(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("enter", "j", "enter")
        assert desk.place == "laps"
        assert desk.app.workspace.session_id == "s-quali"
        await desk.press("escape")
        assert desk.place == "sessions"
        await desk.press("escape")
        assert desk.place == "events"


async def test_all_sessions_and_those_of_one_event(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("enter")
        assert "2026-10-30 Imola" not in desk.text
        await desk.press("a")
        assert "2026-10-30 Imola" in desk.text
        await desk.press("a")
        assert "2026-10-30 Imola" not in desk.text


async def test_record_switches_to_the_session_that_was_made_last(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        await desk.press("2", "n", "enter", "R", "n", "enter", "R")
        assert desk.fake.control.session is not None
        assert desk.fake.control.session.id == "s-new-2"
        statuses = desk.fake.library.all_sessions
        assert statuses["s-new-1"].status is SessionStatus.COMPLETED


async def test_record_right_after_an_automatic_start_does_not_stop_it(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        control = desk.fake.control
        control.open(desk.fake.library.all_sessions["s-race"], is_automatic=True)
        await desk.press("R")
        assert control.session is not None
        assert "Already recording into Race, press R again to stop" in desk.toasts
        await desk.press("R")
        assert control.session is None


async def test_record_three_seconds_after_an_automatic_start_stops(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        control = desk.fake.control
        control.open(desk.fake.library.all_sessions["s-race"], is_automatic=True)
        desk.fake.clock.time_us += 3_000_001
        await desk.press("R")
        assert control.session is None


async def test_a_second_window_says_who_records(desk_of: Start) -> None:
    fake = FakeServices()
    fake.control.other = OTHER_RECORDER
    async with desk_of(fake) as desk:
        assert "◉ pid 4120 records" in desk.text
        await desk.press("R")
        assert "Process 4120 records into this database." in desk.toasts[-1]
        assert "--db" in desk.toasts[-1]


async def test_health_runs_from_any_screen_and_repair_asks(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("4", "h")
        assert desk.place == "database"
        assert desk.fake.care.checks_run == [False, False]
        assert "✖ error" in desk.text
        assert "✖ 1 error" in desk.text
        await desk.press("p")
        assert "Move to quarantine: 2 (Laps without frames)" in desk.text
        assert desk.fake.care.repairs_done == 0
        await desk.press("enter")
        assert desk.fake.care.repairs_done == 1
        assert "✖ error" not in desk.text
        assert "▲ 1 warning" in desk.text


async def test_deep_check_and_backup(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "D")
        assert desk.fake.care.checks_run[-1] is True
        await desk.press("b")
        assert len(desk.fake.care.all_backups) == 3
        assert "now.db" in desk.toasts[-1]


async def test_backups_that_cannot_be_listed_hide_nothing_else(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_of() as desk:

        async def refuse() -> list[Backup]:
            raise DatabaseError("The folder cannot be read.", "Ask for the right.")

        monkeypatch.setattr(desk.fake.care, "backups", refuse)
        await desk.press("7")
        assert desk.toasts[-1] == "The folder cannot be read.\nAsk for the right."
        assert "revision" in desk.text


async def test_a_failing_check_is_a_message_and_the_next_one_runs(
    desk_of: Start,
) -> None:
    async with desk_of() as desk:
        await desk.press("7")
        desk.fake.care.faults.next_error = DatabaseError("Cannot read.", "Try again.")
        await desk.press("h")
        assert desk.toasts[-1] == "Cannot read.\nTry again."
        await desk.press("h")
        assert "13 checks" in desk.text


async def test_help_tells_of_this_screen_and_closes(desk_of: Start) -> None:
    async with desk_of(size=(120, 40)) as desk:
        await desk.press("2", "question_mark")
        assert "Help: Sessions" in desk.text
        assert "Make a session, ready for R." in desk.text
        await desk.press("escape")
        assert "Help: Sessions" not in desk.text
        await desk.press("f1")
        assert "Help: Sessions" in desk.text


async def test_palette_finds_actions_by_name(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("ctrl+p")
        await desk.type("Show the database")
        await desk.settle()
        await desk.pilot.pause(0.3)
        await desk.press("down", "enter")
        assert desk.place == "database"


async def test_leaving_while_recording_asks_and_stops_first(desk_of: Start) -> None:
    closed: list[str] = []

    async def disconnect() -> None:
        closed.append("closed")

    async with desk_of(disconnect=disconnect) as desk:
        await desk.press("R", "q")
        assert "Stop recording and leave?" in desk.text
        await desk.press("escape")
        assert desk.fake.control.session is not None
        await desk.press("q", "enter")
        assert desk.fake.control.session is None
        assert desk.app.return_code == 0
    assert closed == ["closed"]


@pytest.mark.parametrize("keys", [("q",), ("n", "ctrl+q"), ("ctrl+c",)])
async def test_leaving_closes_what_was_opened_once(
    desk_of: Start, keys: tuple[str, ...]
) -> None:
    closed: list[str] = []

    async def disconnect() -> None:
        closed.append("closed")

    async with desk_of(disconnect=disconnect) as desk:
        await desk.pilot.press(*keys)
        await desk.pilot.pause()
        assert desk.app.return_code == 0
    assert closed == ["closed"]


async def test_control_c_twice_quits_while_recording(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("R", "ctrl+c")
        assert "Stop recording and leave?" in desk.text
        await desk.pilot.press("ctrl+c")
        await desk.pilot.pause()
        assert desk.app.return_code == 0


async def test_a_failing_load_is_a_message_with_its_remedy(desk_of: Start) -> None:
    async with desk_of() as desk:
        desk.fake.library.faults.next_error = DatabaseError("Disk gone.", "Plug it in.")
        await desk.press("4")
        assert desk.toasts[-1] == "Disk gone.\nPlug it in."
        assert desk.place == "laps"


async def test_a_damaged_trace_is_said_in_place_of_the_chart(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("4")
        assert "speed km/h" in desk.text

        async def damaged(lap_id: str) -> None:
            raise DatabaseError("The trace is damaged.", "Press D on Database.")

        desk.fake.library.load_trace = damaged  # type: ignore[method-assign,assignment]
        desk.app.screen.query_one("#chart")._load_trace = damaged  # type: ignore[attr-defined]
        await desk.press("down")
        assert "No chart of lap 5" in desk.text
        assert "The trace is damaged." in desk.text


async def test_charts_are_kept(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("4")
        library = desk.fake.library
        assert not await library.laps_to_measure("s-quali", 1)
        # Figures of laps are made from traces too; from here on charts alone ask.
        library.traces_loaded.clear()
        await desk.press("down", "up")
        assert library.traces_loaded == ["s-quali-l5"]
        await desk.press("down", "up", "down")
        assert library.traces_loaded == ["s-quali-l5"]


async def test_notices_become_messages_and_new_rows(desk_of: Start) -> None:
    async with desk_of() as desk:
        lap = LapCompleted(3, LapKind.FLYING, True, 0, 1, 107_000)
        desk.fake.control.publish(LapStored("s-race", lap))
        desk.fake.control.publish(Alert("Disk nearly full"))
        await desk.settle()
        assert desk.toasts == ["1:47.000 in lap 3", "Disk nearly full"]
        desk.fake.live.progress = LapProgress(5, 107_000, True, 107_000, 3)
        for time_ms in (117_000, 107_000):
            later = LapCompleted(4, LapKind.FLYING, True, 0, 1, time_ms)
            desk.fake.control.publish(LapStored("s-race", later))
        await desk.settle()
        assert len(desk.toasts) == 2


async def test_keys_can_be_remapped(desk_of: Start) -> None:
    async with desk_of(keymap={"events.new": "f5"}) as desk:
        await desk.press("n")
        assert "New event" not in desk.text
        await desk.press("f5")
        assert "New event" in desk.text
