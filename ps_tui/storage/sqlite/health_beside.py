"""The full check of a big database in two processes of its own.

It reads gigabytes: there it takes no time from the screens and the recorder, and may
read the file as memory, which would let a failing disk end the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from ps_tui.domain.errors import DatabaseError
from ps_tui.domain.health import HealthReport
from ps_tui.domain.progress import Listener, heard_by, teller
from ps_tui.storage.sqlite.health import Part

_CODE = (
    "import sys; sys.path[:] = {path!r};"
    " from ps_tui.storage.sqlite.health_beside import main; main(sys.argv[1:])"
)
_INTERRUPTED = 130
_POLITE = 5


def check_beside(path: Path, now_us: int, *, deep: bool) -> HealthReport | None:
    """Run the full tier elsewhere; ``None`` where no process came back with it.

    Raises DatabaseError when a person interrupts it.
    """
    code = _CODE.format(path=sys.path)
    arguments = [str(path.absolute()), str(now_us), *(["deep"] if deep else [])]
    running: list[subprocess.Popen[bytes]] = []
    try:
        running.extend(_start([code, part.value, *arguments]) for part in Part)
        told = [_heard(process, teller()) for process in reversed(running)]
        if any(process.returncode == _INTERRUPTED for process in running):
            raise DatabaseError("The check was interrupted.", "Run it again.")
        reports = [msgspec.json.decode(text, type=HealthReport) for text in told[::-1]]
    except (OSError, ValueError, msgspec.MsgspecError):
        return None  # no Python to start, or a disk that failed under it
    finally:
        for process in running:
            _end(process)
    return HealthReport([check for report in reports for check in report.checks])


def _start(arguments: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _heard(process: subprocess.Popen[bytes], tell: Listener) -> bytes:
    """Pass on how far a process says it is; return the report, its last line."""
    assert process.stdout is not None
    line = b""
    for line in process.stdout:
        if not line.startswith(b"{"):
            tell(float(line))
    process.wait()
    return line


def _end(process: subprocess.Popen[bytes]) -> None:
    """Leave no process behind, whatever became of the other."""
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _say(share: float) -> None:
    sys.stdout.buffer.write(b"%.3f\n" % share)
    sys.stdout.buffer.flush()


def main(arguments: list[str]) -> None:
    """Check a part, and print the report as JSON."""
    from ps_tui.storage.sqlite.health import check_here

    with suppress(AttributeError, OSError):
        os.nice(_POLITE)
    part, path, now_us, *deep = arguments
    try:
        with heard_by(_say):
            report = check_here(
                *(Path(path), int(now_us)),
                deep=bool(deep),
                parts=[Part(part)],
                mapped=True,
            )
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    sys.stdout.buffer.write(msgspec.json.encode(report))
