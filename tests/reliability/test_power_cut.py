"""A power cut leaves whole batches; a database that never synced would not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.power_cut import (
    CUTS,
    Cut,
    Files,
    bad_trials,
    mixed_pages_alone,
    recorded_files,
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return recorded_files(tmp_path_factory.mktemp("power"))


@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.__name__)
def test_a_cut_leaves_a_clean_prefix(tmp_path: Path, files: Files, cut: Cut) -> None:
    assert bad_trials(tmp_path, files, cut, 12) == 0


def test_the_simulation_sees_what_a_lost_journal_does(
    tmp_path: Path, files: Files
) -> None:
    assert bad_trials(tmp_path, files, mixed_pages_alone, 12) >= 6


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("cut", CUTS, ids=lambda cut: cut.__name__)
def test_two_hundred_cuts(tmp_path: Path, files: Files, cut: Cut) -> None:
    assert bad_trials(tmp_path, files, cut, 200) == 0
    assert bad_trials(tmp_path, files, mixed_pages_alone, 200) >= 100
