"""Where a capture of packets goes."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from ps_tui.domain.network_ports import CaptureControl
from ps_tui.tui.dialogs.form import Field, FormDialog, Values

SUFFIX = ".pcap"


def capture_form(captures: CaptureControl, now_us: int) -> FormDialog[Path]:
    """Return the form; saving starts the capture."""

    async def save(values: Values) -> Path:
        path = _path(values["file"] or "")
        captures.start_capture(path)
        return path

    field = Field("file", "File", capture_name(now_us), "", _check_file)
    return FormDialog("Write every packet to a file", [field], save)


def capture_name(now_us: int) -> str:
    """Suggest a name that says when the capture began."""
    local = datetime.fromtimestamp(now_us / 1e6, UTC).astimezone()
    return f"ps-tui-{local:%Y-%m-%d-%H%M%S}{SUFFIX}"


def _path(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _check_file(text: str) -> str | None:
    path = _path(text)
    if path.suffix.lower() != SUFFIX:
        return f"The name has to end in {SUFFIX}."
    if path.exists():
        return f"{path.name} exists; choose another name."
    if not path.parent.is_dir():
        return f"There is no folder {path.parent}."
    return None
