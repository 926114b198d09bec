"""Which files can be read as laps, and what reads them."""

from __future__ import annotations

from pathlib import Path

from ps_tui.domain.errors import UsageError
from ps_tui.export.read.laps import ReadSession, UnreadableFileError

SUFFIXES = (".csv", ".json", ".ld", ".parquet")


def read_laps(path: Path, now_us: int) -> list[ReadSession]:
    """Return the sessions of a file, told by its suffix.

    ``now_us`` dates frames that carry no date. Raises UsageError for another kind of
    file and UnreadableFileError for one that cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(
            f"{path} is no file that laps can be imported from.",
            f"Known: {', '.join(SUFFIXES)}.",
        )
    try:
        sessions = _read(path, suffix, now_us)
    except OSError as error:
        raise UnreadableFileError(
            f"{error.filename or path} cannot be read: {error.strerror}."
        ) from error
    sessions = [session for session in sessions if session.laps]
    if not sessions:
        raise UnreadableFileError(f"{path} holds no lap.")
    return sessions


def _read(path: Path, suffix: str, now_us: int) -> list[ReadSession]:
    if suffix == ".csv":
        from ps_tui.export.read.csv import read_csv

        return read_csv(path, now_us)
    if suffix == ".json":
        from ps_tui.export.read.json import read_json

        return read_json(path)
    if suffix == ".parquet":
        from ps_tui.export.read.parquet import read_parquet

        return read_parquet(path)
    from ps_tui.export.read.motec import read_motec

    return read_motec(path, now_us)
