"""Everything that the shell does with the database, from the Database screen."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from ps_tui.cli.db import command as database_group
from ps_tui.domain.errors import RecorderBusyError
from ps_tui.domain.upkeep import Drift
from ps_tui.tui.upkeep.table import COMMANDS
from ps_tui.tui.widgets.listing import Listing
from tests.support.fake_services import OTHER_RECORDER, FakeServices
from tests.tui.conftest import Desk, Start


async def open_command(desk: Desk, name: str) -> None:
    """Put the cursor on a command of the list and press enter."""
    await desk.press("7", "c")
    keys = [command.name for command in COMMANDS]
    await desk.press("g", *["j"] * keys.index(name), "enter")


def test_every_verb_of_the_shell_is_a_command() -> None:
    verbs = set(database_group.list_commands(None))  # type: ignore[arg-type]
    names = {command.name.split()[0] for command in COMMANDS}
    assert verbs - names == set()


def test_names_are_unique_and_dangerous_ones_ask() -> None:
    names = [command.name for command in COMMANDS]
    assert len(names) == len(set(names))
    asking = {command.name for command in COMMANDS if command.plan is not None}
    assert {"repair", "purge", "reset", "import", "migrate", "push"} <= asking
    typed = {command.name for command in COMMANDS if command.word}
    assert typed == {
        "restore",
        "restore FILE",
        "reset",
        "rollback",
        "rollback --from-backup",
    }


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (120, 36)])
async def test_status_shows_every_migration(
    desk_of: Start, size: tuple[int, int]
) -> None:
    async with desk_of(size=size) as desk:
        await open_command(desk, "status")
        assert "ps-tui db status" in desk.text
        assert "Revision 2 of 2, 0 pending." in desk.text
        await desk.press("right_square_bracket")
        assert "applied, file unchanged" in desk.text
        await desk.press("escape")
        assert desk.place == "database"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("check", "something is wrong that repair mends"),
        ("check --deep", "Trace checksums"),
        ("quarantine", "2 rows in quarantine."),
        ("backups", "monza-2026-11-07.db"),
        ("vacuum", "46 MiB before, 30 MiB now."),
        ("locks", "ps-tui collect"),
        ("explain", "Unused indexes: none."),
        ("migrate --sql", "Nothing to apply: revision 2 is the newest."),
        ("drift", "is as the migrations make it."),
        ("validate", "no index repeats another"),
        ("push", "Nothing to change."),
    ],
)
async def test_what_only_looks_answers_at_once(
    desk_of: Start, name: str, words: str
) -> None:
    async with desk_of(size=(120, 36)) as desk:
        await open_command(desk, name)
        assert words in " ".join(desk.text.split())


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("repair", "Move to quarantine: 2", "Repaired."),
        ("seed", "A demo crew, event and car are added.", "13 rows new"),
        ("seed --demo-laps", "with driven laps", "13 rows new"),
        ("vacuum --full", "The whole file", "46 MiB before"),
    ],
)
async def test_what_changes_rows_asks_first(
    desk_of: Start, name: str, question: str, answer: str
) -> None:
    async with desk_of() as desk:
        await open_command(desk, name)
        assert question in desk.text
        await desk.press("escape")
        assert desk.fake.content.done == []
        assert desk.fake.care.repairs_done == 0
        await desk.press("enter", "enter")
        assert answer in desk.text


async def test_what_fails_in_an_unforeseen_way_is_over(
    desk_of: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk_of() as desk:

        async def fail() -> list[Drift]:
            raise ValueError("a fault")

        monkeypatch.setattr(desk.fake.schema, "drift", fail)
        await open_command(desk, "drift")
        assert "a fault" in desk.text
        assert "Under way" not in desk.text
        await open_command(desk, "validate")
        assert "no index repeats another" in desk.text


async def test_a_copy_is_chosen_verified_and_pinned(desk_of: Start) -> None:
    async with desk_of() as desk:
        await open_command(desk, "backup --verify")
        await desk.press("enter")
        assert len(desk.fake.care.verified) == 2
        assert "2 copies good" in desk.text
        await desk.press("j", "enter", "enter")
        assert desk.fake.care.all_backups[0].is_pinned
        assert "monza-2026-11-07.db stays for good." in desk.text


async def test_a_backup_goes_where_it_is_told(desk_of: Start) -> None:
    async with desk_of() as desk:
        await open_command(desk, "backup")
        await desk.type("/media/stick/monza.db")
        await desk.press("enter")
        assert desk.fake.care.all_backups[0].path.endswith("monza.db")


@pytest.mark.parametrize(
    ("key", "word", "replaced_by"),
    [("o", "restore", "monza-2026-11-07.db"), ("X", "reset", "nothing")],
)
async def test_a_word_is_typed_before_everything_is_replaced(
    desk_of: Start, key: str, word: str, replaced_by: str
) -> None:
    async with desk_of() as desk:
        care = desk.fake.care
        desk.app.workspace.session_id = "s-quali"
        await desk.fake.control.select("s-quali")
        await desk.press("7", key)
        if key == "o":
            await desk.press("enter")
        await desk.press("enter")
        assert f"Type {word} to go on" in desk.text
        assert care.replaced_by == []
        await desk.type(word)
        await desk.press("enter")
        assert care.replaced_by == [replaced_by]
        assert any("What was there before is in now.db." in x for x in desk.toasts)
        assert desk.app.workspace.session_id is None
        assert desk.fake.control.selected is None


async def test_escape_replaces_nothing(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("7", "X")
        await desk.type("reset")
        await desk.press("escape")
        assert desk.fake.care.replaced_by == []


@pytest.mark.parametrize("name", ["restore", "reset", "rollback", "vacuum --full"])
async def test_a_recording_of_this_window_is_stopped_first(
    desk_of: Start, name: str
) -> None:
    async with desk_of() as desk:
        await desk.fake.control.select("s-quali")
        await desk.fake.control.start()
        await open_command(desk, name)
        assert f"{name} cannot run while this window records" in desk.text
        assert "Press R to stop the recording" in desk.text
        assert desk.place == "commands"


@pytest.mark.parametrize("name", ["restore", "reset", "rollback", "vacuum --full"])
async def test_who_else_records_is_told_before_anything_is_asked(
    desk_of: Start, name: str
) -> None:
    async with desk_of(size=(120, 36)) as desk:
        desk.fake.control.other = OTHER_RECORDER
        await open_command(desk, name)
        said = " ".join(desk.text.split())
        assert f"{name} cannot run while" in said
        assert f"(pid {OTHER_RECORDER.recorder.pid}) records" in said
        assert "then enter" not in said


async def test_another_recorder_is_told_in_the_pane(desk_of: Start) -> None:
    async with desk_of() as desk:
        await open_command(desk, "reset")
        await desk.type("reset")
        error = RecorderBusyError("Race records.", "Stop it first.")
        desk.fake.care.faults.next_error = error
        await desk.press("enter")
        assert "Race records." in desk.text
        assert "Stop it first." in desk.text


async def test_a_form_refuses_what_makes_no_sense(
    desk_of: Start, tmp_path: Path
) -> None:
    async with desk_of() as desk:
        await open_command(desk, "purge")
        await desk.press("a", "enter")
        assert "is no number of days" in desk.text
        await desk.press("backspace", *"30", "enter")
        assert "3 laps" in desk.text
        await desk.press("enter")
        assert desk.fake.content.done == ["purge 30"]
        await open_command(desk, "import")
        await desk.type(str(tmp_path / "nothing.zip"))
        await desk.press("enter")
        assert "There is no file" in desk.text
        await desk.press("escape")
        archive = tmp_path / "season.zip"
        archive.write_bytes(b"PK")
        await desk.press("enter")
        await desk.type(str(archive))
        await desk.press("enter", "enter")
        assert desk.fake.content.done[-1] == "import season.zip"
        assert "2 were here already" in desk.text


async def test_undo_of_a_repair_is_chosen_by_its_run(desk_of: Start) -> None:
    async with desk_of() as desk:
        await open_command(desk, "repair --undo")
        await desk.press("enter")
        assert "2 rows come back as they were before run-1." in desk.text
        await desk.press("enter")
        assert desk.fake.care.undone == ["run-1"]


async def test_pending_migrations_are_listed_then_applied(desk_of: Start) -> None:
    async with desk_of() as desk:
        schema = desk.fake.schema
        await open_command(desk, "migrate")
        await desk.press("enter")
        assert "Nothing to apply" in desk.text
        schema.pending = True
        await desk.press("enter", "enter")
        assert "0002 garage" in desk.text
        await desk.press("enter")
        assert schema.done == ["migrate None"]
        assert "1 migration applied." in desk.text


async def test_going_back_ends_this_window(desk_of: Start) -> None:
    async with desk_of() as desk:
        await open_command(desk, "rollback")
        assert "Then ps-tui ends" in " ".join(desk.text.split())
        await desk.type("rollback")
        await desk.press("enter")
        assert desk.fake.schema.done == ["rollback False"]
        assert not desk.app.is_running


async def test_drift_is_told_line_by_line(desk_of: Start) -> None:
    fake = FakeServices()
    fake.schema.drifts = [Drift("changed", "table", "laps", ["- a TEXT", "+ a INT"])]
    async with desk_of(fake) as desk:
        await open_command(desk, "drift")
        assert "changed table laps" in desk.text
        assert "+ a INT" in desk.text


async def test_a_filter_leads_to_the_first_that_matches(desk_of: Start) -> None:
    async with desk_of(size=(110, 30)) as desk:
        await desk.press("7", "c", "G", "slash")
        await desk.type("rollback")
        await desk.press("enter")
        assert desk.app.screen.query_one(Listing).current_key == "rollback"


async def test_work_goes_on_behind_other_screens(desk_of: Start) -> None:
    gate = asyncio.Event()
    async with desk_of() as desk:

        async def held() -> None:
            await gate.wait()

        desk.fake.care.gate = held
        await desk.press("7", "c")
        await desk.pilot.press("enter")
        await desk.pilot.pause()
        await desk.pilot.press("j", "enter")
        await desk.pilot.pause()
        assert "Checking …" in desk.text
        assert "check is still under way." in desk.toasts
        await desk.pilot.press("1")
        await desk.pilot.pause()
        gate.set()
        await desk.settle()
        assert any("something is wrong" in text for text in desk.toasts)
        await desk.press("7", "c")
        assert "VERDICT" in desk.text


async def test_the_palette_runs_a_command_from_anywhere(desk_of: Start) -> None:
    async with desk_of() as desk:
        await desk.press("3", "ctrl+p")
        await desk.type("Database: validate")
        await desk.press("down", "enter")
        assert desk.place == "commands"
        assert "no index repeats another" in desk.text


async def test_studio_and_sql_are_places(desk_of: Start) -> None:
    async with desk_of() as desk:
        await open_command(desk, "studio")
        assert desk.place == "studio"
        await open_command(desk, "sql")
        assert desk.place == "sql"


async def test_a_played_capture_has_no_database_to_mend(desk_of: Start) -> None:
    class Played(FakeServices):
        @property
        def bundle(self):  # type: ignore[no-untyped-def]
            import msgspec

            return msgspec.structs.replace(super().bundle, content=None, schema=None)

    async with desk_of(Played()) as desk:
        await open_command(desk, "status")
        assert "There is no database file here." in desk.text
