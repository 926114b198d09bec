"""Files are brought to the device as they were written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ps_tui.storage import durable


@pytest.mark.parametrize("length", [0, 1, 4096, 10_000, 40_960])
def test_a_file_is_the_same_after_each_of_its_pieces_was_written(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_PIECE_BYTES", 4096)
    content = random.Random(length).randbytes(length)
    file = tmp_path / "copy.db"
    file.write_bytes(content)
    heard: list[float] = []
    durable.sync_file(file, heard.append)
    assert file.read_bytes() == content
    assert len(heard) == -(-length // 4096)
    assert heard == sorted(heard)
    assert heard[-1:] == [1.0] * bool(length)


def test_a_system_without_synced_writes_syncs_the_file_in_one_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(durable, "_SYNCED_WRITES", 0)
    synced: list[int] = []
    monkeypatch.setattr(durable.os, "fsync", synced.append)
    file = tmp_path / "copy.db"
    file.write_bytes(b"laps")
    durable.sync_file(file)
    durable.sync_folder(tmp_path)
    assert file.read_bytes() == b"laps"
    assert len(synced) == 2


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        durable.sync_file(tmp_path / "gone.db")
