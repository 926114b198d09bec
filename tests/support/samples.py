"""A packet of every kind of every game, built in code: what stands for its stream."""

from __future__ import annotations

from collections.abc import Mapping

from ps_tui.decoders.native_encoder import encode_native
from ps_tui.demo.driver import DEMO_CHANNELS, Driver
from tests.support import acc, f1_packets
from tests.support.dirt_rally_packets import dirt
from tests.support.ea_wrc_packets import wrc
from tests.support.forza_packets import forza
from tests.support.gran_turismo_7_packets import SIZES as GT7_SIZES
from tests.support.gran_turismo_7_packets import packet as gran_turismo_7
from tests.support.outgauge_packets import gauge, motion_sim, out_sim
from tests.support.packets import any_lap, car_info, handshake_reply
from tests.support.project_cars_packets import (
    game,
    old_names,
    old_telemetry,
    participants,
    race,
    telemetry,
    time_stats,
    timings,
    vehicles,
)

_DRIVER = Driver()

SAMPLES: Mapping[str, tuple[bytes, ...]] = {
    "native": (
        encode_native(_DRIVER.step(), DEMO_CHANNELS, _DRIVER.identity),
        encode_native(_DRIVER.step(), ()),
    ),
    "assetto-corsa": (
        car_info(speed_kmh=200.0, rpm=7000.0, raw_gear=5, wheel_load=(1.0,) * 4),
        handshake_reply(),
        any_lap(),
    ),
    "f1": tuple(
        f1_packets.build(packet_format, kind)
        for packet_format in f1_packets.FORMATS
        for kind, sizes in f1_packets.SIZES.items()
        if sizes[f1_packets.FORMATS.index(packet_format)] is not None
    ),
    "forza": (
        forza(232, velocity_z=30.0),
        *(
            forza(size, speed=40.0, distance=9.0, lap=1)
            for size in (311, 323, 324, 331)
        ),
    ),
    "gran-turismo-7": tuple(gran_turismo_7(size) for size in GT7_SIZES),
    "project-cars": (
        old_telemetry(),
        old_names(b"Car", b"C", b"Track"),
        telemetry(),
        telemetry(None),
        timings(),
        timings(None),
        game(2),
        race(),
        time_stats(80.0, 81.0),
        participants({1: b"A"}),
        vehicles({1: b"B"}),
    ),
    "dirt-rally": (dirt(), dirt(lap_count=3.0, laps=1.0)),
    "ea-wrc": (wrc(distance=100.0, speed=20.0), wrc(distance=10_000.0)),
    "lfs": (gauge(speed=30.0), gauge(96), out_sim(distance=500.0), out_sim()[12:76]),
    "beamng": (
        gauge(car=b"beam", speed=30.0),
        gauge(96, car=b"beam"),
        motion_sim(vx=20.0),
    ),
    "acc": (
        acc.registration(),
        acc.realtime(),
        acc.car_update(),
        acc.entry_list(4, 5),
        acc.track_data(),
        acc.entry(),
        acc.event(),
    ),
}
"""By the name of the source."""
