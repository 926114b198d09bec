"""What a recording came to, as lines."""

from __future__ import annotations

import pytest

from ps_tui.cli.summary import print_summary


def test_sessions_are_listed_as_words(capsys: pytest.CaptureFixture[str]) -> None:
    summary = {"packets": 7, "session_id": "b", "session_ids": ["a", "b"]}
    print_summary(summary, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "packets      7",
        "session id   b",
        "session ids  a, b",
    ]
