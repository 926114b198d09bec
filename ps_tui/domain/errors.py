"""Errors that a person reads: each says what happened and what to do about it."""

from __future__ import annotations


class PsError(Exception):
    """Base of every expected failure; ``exit_code`` is what a command returns."""

    exit_code = 1

    def __init__(self, cause: str, remedy: str = "") -> None:
        super().__init__(f"{cause} {remedy}".strip())
        self.cause = cause
        self.remedy = remedy


class UsageError(PsError):
    """The request makes no sense as it stands."""

    exit_code = 2


class DatabaseError(PsError):
    """The database cannot be opened, read or written."""

    exit_code = 3


class NewerDatabaseError(DatabaseError):
    """A newer ps-tui made this database; it is left untouched."""


class NotADatabaseError(DatabaseError):
    """The file is not a Purple Sector database."""


class DamagedDatabaseError(DatabaseError):
    """The file is ours, but what lies in it cannot be read."""


class DatabaseBusyError(DatabaseError):
    """Another program kept the database locked longer than the busy timeout."""


class StorageFullError(DatabaseError):
    """The disk is full or a size limit is reached: retry once there is room."""


class NetworkError(PsError):
    """A port cannot be bound, or a host cannot be found."""

    exit_code = 4


class NotFoundError(PsError):
    """Nothing has the id that was asked for."""

    exit_code = 5


class GoneError(NotFoundError):
    """A ``noun`` (event, session, lap …) that was known has been removed."""

    def __init__(self, noun: str, name: str) -> None:
        super().__init__(
            f"The {noun} {name} is no longer there.",
            "It was removed meanwhile, or is in another database.",
        )
        self.noun = noun


class RecorderBusyError(PsError):
    """Another window or command already records into this database."""

    exit_code = 6
