"""People at events, prizes and winners: found, linked right, kept from nonsense."""

from __future__ import annotations

import pytest

from ps_tui.domain.crew import EventRole, PrizeDraft, UserDraft, UserRole, Win
from ps_tui.domain.errors import NotFoundError, UsageError
from ps_tui.domain.models import EventDraft
from ps_tui.storage.sqlite import SqliteStore

ADA = UserDraft("Ada", "ada@example.org")


@pytest.fixture
async def event_id(store: SqliteStore) -> str:
    return (await store.library.create_event(EventDraft("Monza"))).id


async def test_a_person_is_found_by_address_or_name_or_made(
    store: SqliteStore, event_id: str
) -> None:
    crew = store.crew
    ada = await crew.create_user(ADA)
    here = await crew.add_participant(
        event_id, UserDraft("A.", "ADA@example.org"), EventRole.ORGANIZER
    )
    assert (here.user_id, here.name, here.role) == (ada.id, "Ada", EventRole.ORGANIZER)
    driver = await crew.add_participant(
        event_id, UserDraft("driver"), EventRole.PARTICIPANT
    )
    users = await crew.users()
    assert driver.user_id == users[0].id
    await crew.add_participant(event_id, UserDraft("Ben"), EventRole.VIEWER)
    assert [one.name for one in await crew.participants(event_id)] == [
        "Ada",
        "Driver",
        "Ben",
    ]
    with pytest.raises(UsageError, match="at this event already"):
        await crew.add_participant(event_id, ADA, EventRole.VIEWER)
    await crew.create_user(UserDraft("Ben", "ben2@example.org"))
    with pytest.raises(UsageError, match="Several people are called Ben"):
        await crew.add_participant(event_id, UserDraft("Ben"), EventRole.VIEWER)


async def test_who_was_taken_off_comes_back(store: SqliteStore, event_id: str) -> None:
    crew = store.crew
    ada = await crew.add_participant(event_id, ADA, EventRole.MODERATOR)
    await crew.remove_participant(ada.id[-8:])
    assert await crew.participants(event_id) == []
    assert (await crew.restore_participant(ada.id)).role is EventRole.MODERATOR
    await crew.remove_participant(ada.id)
    again = await crew.add_participant(event_id, ADA, EventRole.ADMIN)
    assert (again.id, again.role, again.deleted_us) == (ada.id, EventRole.ADMIN, None)
    assert (await crew.change_role(ada.id, EventRole.VIEWER)).role is EventRole.VIEWER


async def test_winners_are_of_the_event_and_stand_by_place(
    store: SqliteStore, event_id: str
) -> None:
    crew = store.crew
    ada = await crew.add_participant(event_id, ADA, EventRole.PARTICIPANT)
    ben = await crew.add_participant(event_id, UserDraft("Ben"), EventRole.PARTICIPANT)
    cup = await crew.create_prize(event_id, PrizeDraft("Cup", "Of tin"))
    await crew.set_winner(cup.id, ada.id)
    await crew.set_winner(cup.id, ben.id, 1)
    won = await crew.set_winner(cup.id, ada.id, 2)
    assert won.winners == (Win(ben.id, "Ben", 1), Win(ada.id, "Ada", 2))
    assert await crew.prizes(event_id) == [won]
    other = (await store.library.create_event(EventDraft("Spa"))).id
    guest = await crew.add_participant(other, ADA, EventRole.PARTICIPANT)
    with pytest.raises(UsageError, match="not at the event of this prize"):
        await crew.set_winner(cup.id, guest.id)
    with pytest.raises(UsageError, match="There is no place 0"):
        await crew.set_winner(cup.id, ada.id, 0)
    with pytest.raises(UsageError, match="has won “Cup”"):
        await crew.remove_participant(ada.id)
    with pytest.raises(UsageError, match="Ben has won this prize"):
        await crew.delete_prize(cup.id)
    await crew.clear_winner(cup.id, ada.id)
    assert (await crew.clear_winner(cup.id, ben.id)).winners == ()
    await crew.delete_prize(cup.id)
    assert await crew.prizes(event_id) == []
    back = await crew.restore_prize(cup.id)
    renamed = await crew.edit_prize(back.id, PrizeDraft("Big cup"))
    assert (renamed.id, renamed.name, renamed.description) == (cup.id, "Big cup", None)


async def test_users_are_edited_and_addresses_stay_unique(store: SqliteStore) -> None:
    crew = store.crew
    ada = await crew.create_user(ADA)
    eve = await crew.create_user(UserDraft("Eve"))
    assert ada.role is UserRole.USER
    edited = await crew.edit_user(eve.id, UserDraft("Eve", None, UserRole.ADMIN))
    assert edited.role is UserRole.ADMIN
    with pytest.raises(UsageError, match="is taken"):
        await crew.edit_user(eve.id, UserDraft("Eve", "ada@example.org"))
    with pytest.raises(NotFoundError, match="no user"):
        await crew.edit_user("ffffffff", ADA)
