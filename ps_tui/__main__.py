"""``python -m ps_tui`` is the same as ``ps-tui``."""

from ps_tui.cli import main

if __name__ == "__main__":
    main()
