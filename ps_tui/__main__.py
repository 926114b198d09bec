"""The start of the program: ``ps-tui`` and ``python -m ps_tui``."""

from __future__ import annotations


def main() -> None:
    """Run the command line; Ctrl-C while it is still loading leaves without a trace."""
    try:
        from ps_tui.cli import run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
