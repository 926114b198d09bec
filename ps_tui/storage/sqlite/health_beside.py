"""The full check of a big database in a process of its own.

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
    try:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )
    except OSError:
        return None
    if done.returncode == _INTERRUPTED:
        raise DatabaseError("The check was interrupted.", "Run it again.")
    try:
        return msgspec.json.decode(done.stdout, type=HealthReport)
    except msgspec.MsgspecError:
        return None  # no Python to start, or a disk that failed under it


def main(arguments: list[str]) -> None:
    """Check, and print the report as JSON."""
    from ps_tui.storage.sqlite.health import check_here

    with suppress(AttributeError, OSError):
        os.nice(_POLITE)
    path, now_us, *deep = arguments
    try:
        report = check_here(Path(path), int(now_us), deep=bool(deep), mapped=True)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    sys.stdout.buffer.write(msgspec.json.encode(report))
