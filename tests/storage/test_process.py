"""A live recorder is told from a dead one, on this host and on another."""

from __future__ import annotations

import os
import subprocess
import sys

import msgspec

from ps_tui.domain.models import RecorderInfo
from ps_tui.storage.process import HEARTBEAT_LIMIT_US, is_alive, own_recorder


def changed(**fields: object) -> RecorderInfo:
    return msgspec.structs.replace(own_recorder(), **fields)


def test_this_process_lives_however_old_its_heartbeat() -> None:
    assert own_recorder().pid == os.getpid()
    assert is_alive(own_recorder(), 0, 10**15)


def test_a_process_of_an_earlier_boot_is_dead() -> None:
    assert not is_alive(changed(boot_id="11111111-aaaa"), 0, 0)


def test_a_process_number_given_to_another_process_is_dead() -> None:
    assert not is_alive(changed(process_started_us=5), 0, 0)


def test_a_process_that_ended_is_dead_even_as_a_zombie() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert is_alive(_of(child.pid), 0, 0)
    finally:
        child.communicate(b"\n")
    assert not is_alive(_of(child.pid, started_us=1), 0, 0)


def test_another_host_lives_for_a_minute_after_its_heartbeat() -> None:
    elsewhere = changed(host="another-host", pid=1)
    assert is_alive(elsewhere, 1_000, 1_000 + HEARTBEAT_LIMIT_US - 1)
    assert not is_alive(elsewhere, 1_000, 1_000 + HEARTBEAT_LIMIT_US)


def _of(pid: int, started_us: int | None = None) -> RecorderInfo:
    from ps_tui.storage.process import _process_started_us

    return changed(
        pid=pid, process_started_us=started_us or _process_started_us(pid) or 0
    )
