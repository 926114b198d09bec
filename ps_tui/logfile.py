"""Where the program writes what is for a developer to read."""

from __future__ import annotations

import logging
import logging.handlers

from ps_tui.config import log_path

LOG_BYTES = 1_000_000


def log_to_file() -> None:
    """Send the log to a small rotating file; do without where there can be none."""
    root = logging.getLogger("ps_tui")
    if root.handlers:
        return
    try:
        folder = log_path()
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.handlers.RotatingFileHandler(
            folder / "ps-tui.log", maxBytes=LOG_BYTES, backupCount=1, delay=True
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    root.propagate = False
