"""People, their roles at events, prizes and winners on SQLite."""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from ps_tui.domain.crew import (
    EventRole,
    Participant,
    Prize,
    PrizeDraft,
    User,
    UserDraft,
    Win,
)
from ps_tui.domain.errors import UsageError
from ps_tui.domain.ids import new_id
from ps_tui.domain.models import Deletion
from ps_tui.storage.sqlite import shelves
from ps_tui.storage.sqlite.drafts import trimmed_name
from ps_tui.storage.sqlite.errors import primary_code
from ps_tui.storage.sqlite.lookup import event_key, key_of
from ps_tui.storage.sqlite.shelved import Owner, Shelved
from ps_tui.storage.sqlite.shelves import Shelf
from ps_tui.storage.sqlite.users import local_user

_EVENT_ID = "(SELECT id FROM events WHERE n = t.event_n)"
PRIZES = Shelf(
    "prizes",
    "prize",
    PrizeDraft,
    Prize,
    {
        "id": "t.id",
        "event_id": _EVENT_ID,
        "name": "t.name",
        "created_us": "t.created_us",
        "description": "t.description",
        "deleted_us": "t.deleted_us",
    },
)
_USER = "SELECT id, name, created_us, email, role FROM users"
_PARTICIPANT = (
    f"SELECT t.id, {_EVENT_ID}, u.id, u.name, t.created_us, t.role, u.email,"
    " t.deleted_us FROM event_participants AS t JOIN users AS u ON u.n = t.user_n"
)
PARTICIPANTS = (
    f"{_PARTICIPANT} WHERE t.event_n = ? AND t.deleted_us IS NULL ORDER BY t.n"
)
WINNERS = (
    "SELECT p.id, u.name, w.place FROM winners AS w"
    " JOIN event_participants AS p ON p.n = w.participant_n"
    " JOIN users AS u ON u.n = p.user_n"
    " WHERE w.prize_n = ? ORDER BY w.place IS NULL, w.place, w.n"
)
_WON = (
    "SELECT prizes.name FROM winners JOIN prizes ON prizes.n = winners.prize_n"
    " WHERE winners.participant_n = ? LIMIT 1"
)
_USER_WON = _WON.replace(
    "= ?", "IN (SELECT n FROM event_participants WHERE user_n = ?)"
)
_ENTER = (
    "INSERT INTO event_participants (id, event_n, user_n, role, created_us,"
    " updated_us) VALUES (?1, ?2, ?3, ?4, ?5, ?5)"
    " ON CONFLICT (event_n, user_n) DO UPDATE SET role = excluded.role,"
    " updated_us = excluded.updated_us, deleted_us = NULL"
    " WHERE deleted_us IS NOT NULL RETURNING n"
)
_SET_WINNER = (
    "INSERT INTO winners (id, prize_n, participant_n, place, created_us)"
    " VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (prize_n, participant_n) DO UPDATE SET place = excluded.place"
)


class SqliteCrew(Shelved):
    """Crew on SQLite; see ``domain.crew_ports``."""

    async def users(self) -> list[User]:
        """Return the people, oldest first."""

        def work(connection: sqlite3.Connection) -> list[User]:
            rows = connection.execute(f"{_USER} WHERE deleted_us IS NULL ORDER BY n")
            return [_user(row) for row in rows.fetchall()]

        return await self._database.read(work)

    async def create_user(self, draft: UserDraft) -> User:
        """Store a person. Raises UsageError where the e-mail address is taken."""
        return await self._write(
            lambda connection, now_us: _one_user(
                connection, _make_user(connection, draft, now_us)
            )
        )

    async def edit_user(self, user_id: str, draft: UserDraft) -> User:
        """Replace what is filled in about a person."""
        row = (trimmed_name(draft.name), _address(draft), draft.role)

        def work(connection: sqlite3.Connection, now_us: int) -> User:
            key = key_of(connection, "users", user_id)
            query = (
                "UPDATE users SET name = ?, email = ?, role = ?, updated_us = ?"
                " WHERE n = ? RETURNING n"
            )
            _unless_taken(connection, query, (*row, now_us, key), draft)
            return _one_user(connection, key)

        return await self._write(work)

    async def delete_user(self, user_id: str) -> Deletion:
        """Delete a person and take them off events; the owner of all stays."""

        def work(connection: sqlite3.Connection, now_us: int) -> Deletion:
            key = key_of(connection, "users", user_id)
            user = _one_user(connection, key)
            if key == local_user(connection, now_us):
                raise UsageError(
                    f"Everything on this machine belongs to {user.name}.",
                    f"`ps-tui users edit {user.id} --name` gives another name.",
                )
            if (won := connection.execute(_USER_WON, (key,)).fetchone()) is not None:
                raise UsageError(
                    f"{user.name} has won “{won[0]}”.", "Take the prize back first."
                )
            for table, column in (("event_participants", "user_n"), ("users", "n")):
                connection.execute(
                    f"UPDATE {table} SET deleted_us = ?"
                    f" WHERE {column} = ? AND deleted_us IS NULL",
                    (now_us, key),
                )
            return Deletion(user.id, user.name)

        return await self._write(work)

    async def restore_user(self, user_id: str) -> User:
        """Bring a person back, at the events that they were taken off with."""

        def work(connection: sqlite3.Connection) -> User:
            key = key_of(connection, "users", user_id)
            connection.execute(
                "UPDATE event_participants SET deleted_us = NULL WHERE user_n = ?1"
                " AND deleted_us = (SELECT deleted_us FROM users WHERE n = ?1)",
                (key,),
            )
            connection.execute("UPDATE users SET deleted_us = NULL WHERE n = ?", (key,))
            return _one_user(connection, key)

        return await self._database.write(work)

    async def participants(self, event_id: str) -> list[Participant]:
        """Return who is at an event, first come first."""

        def work(connection: sqlite3.Connection) -> list[Participant]:
            key = event_key(connection, event_id)
            rows = connection.execute(PARTICIPANTS, (key,)).fetchall()
            return [_participant(row) for row in rows]

        return await self._database.read(work)

    async def add_participant(
        self, event_id: str, person: UserDraft, role: EventRole
    ) -> Participant:
        """Let a person take part, found by e-mail address or name, or made."""

        def work(connection: sqlite3.Connection, now_us: int) -> Participant:
            event_n = event_key(connection, event_id)
            user_n = _find_user(connection, person)
            if user_n is None:
                user_n = _make_user(connection, person, now_us)
            row = (new_id(now_us // 1000), event_n, user_n, role, now_us)
            entered = connection.execute(_ENTER, row).fetchone()
            if entered is None:
                raise UsageError(
                    f"{person.name.strip()} is at this event already.",
                    "Change the role of the one who is there.",
                )
            return _one_participant(connection, entered[0])

        return await self._write(work)

    async def change_role(self, participant_id: str, role: EventRole) -> Participant:
        """Give a participant another role."""

        def work(connection: sqlite3.Connection, now_us: int) -> Participant:
            key = key_of(connection, "event_participants", participant_id)
            connection.execute(
                "UPDATE event_participants SET role = ?, updated_us = ? WHERE n = ?",
                (role, now_us, key),
            )
            return _one_participant(connection, key)

        return await self._write(work)

    async def remove_participant(self, participant_id: str) -> Deletion:
        """Take a person off an event. Raises UsageError for one who has won."""

        def work(connection: sqlite3.Connection, now_us: int) -> Deletion:
            key = key_of(connection, "event_participants", participant_id)
            one = _one_participant(connection, key)
            if (won := connection.execute(_WON, (key,)).fetchone()) is not None:
                raise UsageError(
                    f"{one.name} has won “{won[0]}”.", "Take the prize back first."
                )
            connection.execute(
                "UPDATE event_participants SET deleted_us = coalesce(deleted_us, ?)"
                " WHERE n = ?",
                (now_us, key),
            )
            return Deletion(one.id, one.name)

        return await self._write(work)

    async def restore_participant(self, participant_id: str) -> Participant:
        """Bring a participant back, with the role of then."""

        def work(connection: sqlite3.Connection) -> Participant:
            key = key_of(connection, "event_participants", participant_id)
            connection.execute(
                "UPDATE event_participants SET deleted_us = NULL WHERE n = ?", (key,)
            )
            return _one_participant(connection, key)

        return await self._database.write(work)

    async def prizes(self, event_id: str) -> list[Prize]:
        """Return the prizes of an event with their winners, oldest first."""

        def work(connection: sqlite3.Connection) -> list[Prize]:
            key = event_key(connection, event_id)
            found = shelves.listing(connection, PRIZES, "event_n", key)
            return [_with_winners(connection, prize) for prize in found]

        return await self._database.read(work)

    async def create_prize(self, event_id: str, draft: PrizeDraft) -> Prize:
        """Store a prize of an event."""
        values = shelves.checked(PRIZES, draft)
        return await self._create(PRIZES, "event_n", _event(event_id), values)

    async def edit_prize(self, prize_id: str, draft: PrizeDraft) -> Prize:
        """Replace what is filled in about a prize."""
        values = shelves.checked(PRIZES, draft)

        def work(connection: sqlite3.Connection, now_us: int) -> Prize:
            key = key_of(connection, "prizes", prize_id)
            prize = shelves.edit(connection, PRIZES, key, values, now_us)
            return _with_winners(connection, prize)

        return await self._write(work)

    async def delete_prize(self, prize_id: str) -> Deletion:
        """Delete a prize. Raises UsageError for one that has been won."""

        def work(connection: sqlite3.Connection, now_us: int) -> Deletion:
            key = key_of(connection, "prizes", prize_id)
            winners = _winners(connection, key)
            if winners:
                raise UsageError(
                    f"{winners[0].name} has won this prize.",
                    "Take the prize back first.",
                )
            return shelves.delete(connection, PRIZES, key, now_us)

        return await self._write(work)

    async def restore_prize(self, prize_id: str) -> Prize:
        """Bring a prize back."""
        return await self._restore(PRIZES, prize_id)

    async def set_winner(
        self, prize_id: str, participant_id: str, place: int | None = None
    ) -> Prize:
        """Note that a participant of the event won, or in which place."""
        if place is not None and place < 1:
            raise UsageError(f"There is no place {place}.", "Count from 1.")

        def work(connection: sqlite3.Connection, now_us: int) -> Prize:
            prize_n = key_of(connection, "prizes", prize_id)
            key = key_of(connection, "event_participants", participant_id)
            prize = shelves.one(connection, PRIZES, prize_n)
            one = _one_participant(connection, key)
            if one.event_id != prize.event_id or one.deleted_us is not None:
                raise UsageError(
                    f"{one.name} is not at the event of this prize.",
                    "Add the person to the event first.",
                )
            row = (new_id(now_us // 1000), prize_n, key, place, now_us)
            connection.execute(_SET_WINNER, row)
            return _with_winners(connection, prize)

        return await self._write(work)

    async def clear_winner(self, prize_id: str, participant_id: str) -> Prize:
        """Take a win back."""

        def work(connection: sqlite3.Connection) -> Prize:
            prize_n = key_of(connection, "prizes", prize_id)
            key = key_of(connection, "event_participants", participant_id)
            connection.execute(
                "DELETE FROM winners WHERE prize_n = ? AND participant_n = ?",
                (prize_n, key),
            )
            return _with_winners(connection, shelves.one(connection, PRIZES, prize_n))

        return await self._database.write(work)


def _event(event_id: str) -> Owner:
    return lambda connection: event_key(connection, event_id)


def _address(draft: UserDraft) -> str | None:
    return (draft.email or "").strip() or None


def _find_user(connection: sqlite3.Connection, person: UserDraft) -> int | None:
    """Return who is meant. Raises UsageError where several have the name."""
    column, wanted = "email", _address(person)
    if wanted is None:
        column, wanted = "name", trimmed_name(person.name)
    found = connection.execute(
        f"SELECT n FROM users WHERE {column} = ? COLLATE NOCASE"
        " AND deleted_us IS NULL LIMIT 2",
        (wanted,),
    ).fetchall()
    if len(found) > 1:
        raise UsageError(f"Several people are called {wanted}.", "Give the e-mail.")
    return int(found[0][0]) if found else None


def _make_user(connection: sqlite3.Connection, draft: UserDraft, now_us: int) -> int:
    query = (
        "INSERT INTO users (id, name, email, role, created_us, updated_us)"
        " VALUES (?, ?, ?, ?, ?, ?) RETURNING n"
    )
    name, address = trimmed_name(draft.name), _address(draft)
    row = (new_id(now_us // 1000), name, address, draft.role, now_us, now_us)
    return _unless_taken(connection, query, row, draft)


def _unless_taken(
    connection: sqlite3.Connection, query: str, row: tuple[Any, ...], draft: UserDraft
) -> int:
    try:
        return int(connection.execute(query, row).fetchone()[0])
    except sqlite3.IntegrityError as error:
        if primary_code(error) == sqlite3.SQLITE_CONSTRAINT and "UNIQUE" in str(error):
            raise UsageError(
                f"The e-mail address {_address(draft)} is taken.", "Give another one."
            ) from error
        raise


def _user(row: tuple[Any, ...]) -> User:
    fields = dict(zip(User.__struct_fields__, row, strict=True))
    return msgspec.convert(fields, User)


def _one_user(connection: sqlite3.Connection, key: int) -> User:
    return _user(connection.execute(f"{_USER} WHERE n = ?", (key,)).fetchone())


def _participant(row: tuple[Any, ...]) -> Participant:
    fields = dict(zip(Participant.__struct_fields__, row, strict=True))
    return msgspec.convert(fields, Participant)


def _one_participant(connection: sqlite3.Connection, key: int) -> Participant:
    row = connection.execute(f"{_PARTICIPANT} WHERE t.n = ?", (key,)).fetchone()
    return _participant(row)


def _winners(connection: sqlite3.Connection, prize_n: int) -> tuple[Win, ...]:
    rows = connection.execute(WINNERS, (prize_n,)).fetchall()
    return tuple(Win(*row) for row in rows)


def _with_winners(connection: sqlite3.Connection, prize: Prize) -> Prize:
    key = key_of(connection, "prizes", prize.id)
    return msgspec.structs.replace(prize, winners=_winners(connection, key))
