"""What games send that others send too is in one channel, whichever game it is.

The table is of the notes on each protocol, not of the decoders: a row for each
quantity that more than one game sends, by the first letters of those that do.
"""

from __future__ import annotations

import pytest

from ps_tui.decoders.registry import SOURCES
from ps_tui.domain.channel import CHANNELS, wheel_keys

GAMES = {
    "A": "assetto-corsa",
    "1": "f1",
    "F": "forza",
    "G": "gran-turismo-7",
    "P": "project-cars",
    "D": "dirt-rally",
    "W": "ea-wrc",
    "L": "lfs",
    "B": "beamng",
    "C": "acc",
}

SENT = {
    "clutch": "A1FGPDWLB",
    "world_x": "A1FGPDWLB",
    "world_y": "A1FGPDWLB",
    "world_z": "A1FGPDWLB",
    "heading": "1FGDWLB",
    "g_lateral": "A1FGPDWLB",
    "g_longitudinal": "A1FGPDWLB",
    "g_vertical": "A1FGPWLB",
    "max_rpm": "1FGPDW",
    "lap_distance": "1FGPDWLC",
    "best_lap_time": "A1FGPC",
    "sector": "1PD",
    "sector1_time": "1PDC",
    "sector2_time": "1PDC",
    "track_position": "1FGPDC",
    "session_time": "1FDWC",
    "session_type": "1PC",
    "fuel": "GP",
    "fuel_fraction": "FGPDLB",
    "brake_bias": "1P",
    "flag": "1P",
    "gap_ahead": "1P",
    "speed_limiter": "A1PLB",
    "abs_enabled": "A1",
    "tc_enabled": "A1",
    "tc_active": "AG",
    "steering_angle": "AG",
    "handbrake": "FGPWLB",
    "boost_pressure": "FGLB",
    "engine_temperature": "1PLB",
    "oil_temperature": "PLB",
    "engine_torque": "FP",
    "air_temperature": "1PC",
    "track_temperature": "1PC",
}
OF_EACH_WHEEL = {
    "tyre_temperature": "1FGP",
    "tyre_inner_temperature": "1P",
    "tyre_pressure": "1PD",
    "tyre_wear": "1FP",
    "brake_temperature": "1PDW",
    "suspension_travel": "A1FGPDWL",
    "wheel_slip": "A1L",
    "slip_angle": "A1L",
    "tyre_slip_normalized": "AF",
    "wheel_speed": "AFGPL",
    "wheel_rim_speed": "1DW",
    "wheel_load": "AL",
    "tyre_radius": "AG",
}
ALONE = {
    "f1": (
        *("drs_open", "drs_allowed", "ers_charge", "ers_mode", "ers_harvested"),
        *("ers_deployed", "fuel_mass", "fuel_laps", "tyre_age", "tyre_compound"),
        *("safety_car", "gap_leader", "weather"),
    ),
    "project-cars": ("gap_behind",),
    "forza": (
        "engine_power",
        *wheel_keys("slip_ratio_normalized"),
        *wheel_keys("slip_angle_normalized"),
    ),
    "acc": ("delta", *(f"last_sector{number}_time" for number in (1, 2, 3))),
    "assetto-corsa": (
        *("abs_active", "cg_height", "road_slope"),
        *wheel_keys("slip_angle_contact"),
        *wheel_keys("tyre_slip"),
        *wheel_keys("tyre_friction"),
        *wheel_keys("self_aligning_torque"),
        *wheel_keys("tyre_dirt"),
        *wheel_keys("camber"),
        *wheel_keys("tyre_radius_loaded"),
    ),
}
"""What no other game sends."""


def sent_by(letter: str) -> set[str]:
    keys = {key for key, letters in SENT.items() if letter in letters}
    for stem, letters in OF_EACH_WHEEL.items():
        if letter in letters:
            keys.update(wheel_keys(stem))
    return keys


@pytest.mark.parametrize(("letter", "name"), GAMES.items())
def test_each_game_has_the_channels_it_sends_and_no_other(
    letter: str, name: str
) -> None:
    channels = SOURCES[name].make_decoder().channels
    assert set(channels) == sent_by(letter) | set(ALONE.get(name, ()))
    assert len(channels) == len(set(channels))


def test_every_shared_quantity_is_in_the_one_table() -> None:
    for letter in GAMES:
        assert sent_by(letter) <= set(CHANNELS)
    assert set(GAMES.values()) | {"native"} == set(SOURCES)
