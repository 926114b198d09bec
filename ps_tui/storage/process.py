"""Who this process is, and whether a recorder named in a database still lives.

A recorder is dead only when that is certain: its machine has booted since, or its
process is gone or its number now belongs to a younger process. Where the process
cannot be seen (another host), a heartbeat within the last minute counts as life.
"""

from __future__ import annotations

import os
import socket
import sys
from functools import cache
from pathlib import Path

from ps_tui.domain.models import RecorderInfo

HEARTBEAT_LIMIT_US = 60_000_000
"""Silence after which a recorder on another host counts as gone."""

_CLOCK_SLACK_US = 2_000_000


@cache
def boot_id() -> str:
    """Return a text that changes with each start of this machine."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        import psutil

        return f"boot-{int(psutil.boot_time())}"


def own_recorder(label: str = "ps-tui") -> RecorderInfo:
    """Return what identifies this process as a recorder."""
    return RecorderInfo(
        pid=os.getpid(),
        process_started_us=_process_started_us(os.getpid()) or 0,
        boot_id=boot_id(),
        host=socket.gethostname(),
        label=label,
    )


def is_same_process(one: RecorderInfo, other: RecorderInfo) -> bool:
    """Say whether two descriptions are of one process."""
    return (one.pid, one.host) == (other.pid, other.host) and (
        _is_same_boot(one.boot_id, other.boot_id)
        and abs(one.process_started_us - other.process_started_us) <= _CLOCK_SLACK_US
    )


def is_alive(recorder: RecorderInfo, heartbeat_us: int, now_us: int) -> bool:
    """Say whether ``recorder`` may still be writing."""
    if recorder.host != socket.gethostname():
        return now_us - heartbeat_us < HEARTBEAT_LIMIT_US
    if not _is_same_boot(recorder.boot_id, boot_id()):
        return False
    started_us = _process_started_us(recorder.pid)
    if started_us is None:
        return False
    return abs(started_us - recorder.process_started_us) <= _CLOCK_SLACK_US


def _is_same_boot(one: str, other: str) -> bool:
    if one == other:
        return True
    # Without a kernel boot id the boot time stands in; it wanders with the clock.
    try:
        seconds = [int(text.removeprefix("boot-")) for text in (one, other)]
    except ValueError:
        return False
    return abs(seconds[0] - seconds[1]) <= 5


def _process_started_us(pid: int) -> int | None:
    """Return when a process started, ``None`` where it is gone or a zombie."""
    if sys.platform == "linux":
        return _linux_started_us(pid)
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return int(process.create_time() * 1_000_000)
    except psutil.NoSuchProcess:
        return None


def _linux_started_us(pid: int) -> int | None:
    # Ticks since boot, which no step of the wall clock moves (psutil adds the boot
    # time, and that one moves). Field 22 of proc_pid_stat(5), state is field 3.
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[0] in "ZX":
        return None
    return int(fields[19]) * 1_000_000 // os.sysconf("SC_CLK_TCK")
