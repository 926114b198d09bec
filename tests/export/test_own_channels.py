"""Math channels are columns of every format, where the laps have their inputs."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from ps_tui.analysis.maths.channels import Formula
from ps_tui.domain.models import LapTrace
from ps_tui.export.formats import FORMATS, writer_of
from ps_tui.export.own_channels import OwnChannels, own_channels
from ps_tui.export.selection import LapSelection, Outing
from tests.support import ld_reader
from tests.support.export_laps import session_of, traces_of, without

OWN = OwnChannels(
    [
        Formula("speed_ms", "speed / 3.6", "m/s"),
        Formula("pull", "derivative(speed_ms)", "m/s2"),
        Formula("wrong", "nothing + 1"),
    ]
)


def written(name: str, traces: list[LapTrace]) -> tuple[bytes, bytes]:
    loaded = {trace.lap.id: trace for trace in traces}
    laps = LapSelection(
        [Outing(session_of(), [trace.lap for trace in traces])],
        lambda lap: loaded[lap.id],
        own=OWN,
    )
    out = io.BytesIO()
    beside = writer_of(name).write_laps(laps, out)
    return out.getvalue(), b"".join(beside.values())


def test_columns_stand_behind_those_of_the_game_with_their_units() -> None:
    traces = traces_of([2000, 1500])
    content, meta = written("csv", [traces[0], without(traces[1], "speed")])
    header, *rows = content.decode().splitlines()
    assert header.split(",")[-2:] == ["speed_ms", "pull"]
    speed = np.asarray(traces[0].columns["speed"])[0] / 3.6
    assert float(rows[0].split(",")[-2]) == pytest.approx(speed, rel=1e-6)
    assert float(rows[50].split(",")[-1]) == pytest.approx(10 / 3.6, rel=0.05)
    assert rows[-1].endswith(",,")
    units = {one["key"]: one["unit"] for one in json.loads(meta)["channels"]}
    assert (units["speed_ms"], units["pull"]) == ("m/s", "m/s2")


def test_a_log_has_them_under_their_names() -> None:
    content, _ = written("motec", traces_of([2000]))
    log = ld_reader.read(content)
    assert log["speed_ms"].unit == "m/s"
    assert log["speed_ms"].values[30] == pytest.approx(
        log["Ground Speed"].values[30] / 3.6, rel=1e-5
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_them(name: str) -> None:
    content, meta = written(name, traces_of([1000]))
    assert b"speed_ms" in content + meta


def test_without_formulas_there_is_nothing_to_add() -> None:
    assert own_channels([]) is None
