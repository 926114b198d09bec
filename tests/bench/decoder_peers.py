"""Public decoders of the same games, run by ``decoders.py`` with ``--peer PYTHON``.

Run with the interpreter of an environment that has them, so it imports nothing of
ours: python decoder_peers.py SOURCE FILE, where FILE holds pickled datagrams. Each
peer does what it does between its socket and its user, and prints its name, its
best time for a packet in µs (CPU) and what it makes of speed, engine and pedals.

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install f1-packets RaceTelemetry granturismo lfs-insim
"""

from __future__ import annotations

import ctypes
import json
import pickle
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROUNDS = 7
Values = dict[str, float]
Peer = tuple[Callable[[bytes], Any], Callable[[Any], Values | None]]


def race_telemetry(structures: str, read: Callable[[Any], Values]) -> Peer:
    """Decode as its receiver does: map the bytes, then make Python values of them."""
    if not hasattr(ctypes, "c_time_t"):  # of Python 3.12; no structure here has one
        ctypes.c_time_t = ctypes.c_int64  # type: ignore[misc]
    config_type = import_module("RaceTelemetry.config").TelemetryConfig
    decoder_type = import_module("RaceTelemetry.decoders").StaticDecoding
    ingest = import_module("RaceTelemetry.digestion").dynamic_ingest
    config = config_type()
    config.update_meta(
        import_module(f"RaceTelemetry.data_structures.{structures}").MetaData
    )
    config.set_enum_mode(1)
    decode_packet = decoder_type(config).decode_packet

    def decode(packet: bytes) -> Any:
        mapped, _, _ = decode_packet(packet)
        return ingest(mapped, config.enum_mode)

    return decode, read


def _values(speed_kmh: float, rpm: float, throttle: float, brake: float) -> Values:
    return {
        "speed_kmh": speed_kmh,
        "rpm": rpm,
        "throttle": throttle,
        "brake": brake,
    }


def f1() -> Peer:
    """It maps the bytes and reads nothing: ask for the fields of the player's car."""
    resolve = import_module("f1.packets").resolve

    def decode(packet: bytes) -> Any:
        decoded = resolve(packet)
        player = decoded.header.player_car_index
        for name, kind in decoded._fields_:
            value = getattr(decoded, name)
            if hasattr(kind, "_length_") and player < kind._length_:
                value = value[player]
                for inner, _ in getattr(value, "_fields_", ()):
                    getattr(value, inner)
        return decoded

    def read(decoded: Any) -> Values | None:
        cars = getattr(decoded, "car_telemetry_data", None)
        if cars is None:
            return None
        car = cars[decoded.header.player_car_index]
        return _values(car.speed, car.engine_rpm, car.throttle, car.brake)

    return decode, read


def gran_turismo_7() -> Peer:
    decrypter = import_module("granturismo.security.decrypter").Decrypter
    packet_type = import_module("granturismo.model.packet").Packet

    def read(car: Any) -> Values:
        return _values(
            car.car_speed * 3.6, car.engine_rpm, car.throttle / 255, car.brake / 255
        )

    return lambda packet: packet_type.from_bytes(decrypter.decrypt(packet)), read


def live_for_speed() -> Peer:
    unpack = import_module("lfs_insim.packets").OutGaugePack.unpack
    return unpack, lambda car: _values(
        car.Speed * 3.6, max(car.RPM, 0.0), car.Throttle, car.Brake
    )


PEERS: dict[str, tuple[str, Callable[[], Peer]]] = {
    "assetto-corsa": (
        "RaceTelemetry",
        lambda: race_telemetry(
            "AC_UDP_struct",
            lambda car: _values(car.speed_Kmh, car.engineRPM, car.gas, car.brake),
        ),
    ),
    "f1": ("f1-packets", f1),
    "forza": (
        "RaceTelemetry",
        lambda: race_telemetry(
            "FM7_struct",
            lambda car: _values(
                car.Speed * 3.6, car.CurrentEngineRpm, car.Accel / 255, car.Brake / 255
            ),
        ),
    ),
    "gran-turismo-7": ("granturismo", gran_turismo_7),
    "project-cars": (
        "RaceTelemetry",
        lambda: race_telemetry(
            "PC_UDP_struct",
            lambda car: _values(
                car.sSpeed * 3.6, car.sRpm, car.sThrottle / 255, car.sBrake / 255
            ),
        ),
    ),
    "dirt-rally": (
        "RaceTelemetry",
        lambda: race_telemetry(
            "Dirt_4_struct",
            lambda car: _values(
                car.speed * 3.6,
                car.engine_rate * 30 / 3.141592653589793,
                car.throttle_input,
                car.brake_input,
            ),
        ),
    ),
    "lfs": ("lfs-insim", live_for_speed),
    "beamng": (
        "RaceTelemetry",
        lambda: race_telemetry(
            "BNG_struct",
            lambda car: _values(
                car.speed * 3.6, max(car.rpm, 0.0), car.throttle, car.brake
            ),
        ),
    ),
}
"""By source: the package that is installed, and what decodes with it."""


def main() -> None:
    source, file = sys.argv[1:]
    package, make = PEERS[source]
    decode, read = make()
    packets = pickle.loads(Path(file).read_bytes())
    best_us = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        decoded = [decode(packet) for packet in packets]
        took_s = time.process_time() - began
        best_us = min(best_us, took_s / len(packets) * 1e6)
    values = [read(each) for each in decoded]
    report = {"name": f"{package} {version(package)}", "us": best_us, "values": values}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
