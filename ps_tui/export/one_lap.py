"""One lap as a file, in the format that the file's name asks for."""

from __future__ import annotations

from pathlib import Path

from ps_tui.domain.errors import UsageError
from ps_tui.domain.garage_ports import Workbench
from ps_tui.domain.ports import Library
from ps_tui.export.files import export_laps
from ps_tui.export.formats import FORMATS
from ps_tui.export.own_channels import own_channels
from ps_tui.export.selection import find_lap


async def export_lap(
    library: Library, workbench: Workbench, lap_id: str, target: Path
) -> list[Path]:
    """Write one lap, with the math channels, in the format of the file's suffix.

    Returns the files that were written.

    Raises UsageError for an unknown suffix, NotFoundError, PsError for the file.
    """
    makers = {known.suffix: known.make for known in FORMATS.values()}
    suffix = target.suffix.lower()
    if suffix not in makers:
        raise UsageError(
            f"There is no export format for {target.name}.",
            f"Name the file with one of {', '.join(makers)}.",
        )
    found = await find_lap(library, lap_id)
    own = own_channels(await workbench.math_channels())
    return await export_laps(library, found, makers[suffix](), target, own=own)
