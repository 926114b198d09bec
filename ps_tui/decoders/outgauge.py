"""Live for Speed, OutGauge with OutSim, and BeamNG.drive, OutGauge with MotionSim.

OutGauge makes the frames; what the second kind of packet told at most 100 ms before
is joined to them. Where OutGauge is off, the second kind makes frames by itself.
"""

from __future__ import annotations

import struct
from math import degrees, dist, hypot, nan

from ps_tui.decoders.outgauge_packet import (
    BEAMNG_CAR,
    GAUGE_CHANNELS,
    GEARS,
    NO_GAUGE,
    GaugeDecoder,
)
from ps_tui.decoders.outsim import OutSim, OutSimReader
from ps_tui.decoders.plausible import GRAVITY, LARGEST, unit_share
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Decoded, Frame, Rejected, Skipped

MOTION_SIM_SIZE = 88
MOTION_SIM_MARK = b"BNG1"

_MOTION_SIM = struct.Struct(
    "<4s"
    "3f3f"  # 4 position, 16 velocity in m/s, world with z up
    "3f"  # 28 acceleration in m/s²: right, ahead, up
    "20xf24x"  # 60 yaw, clockwise from +y
)

_SPEED_LIMIT_MS = 1000.0
_YAW_LIMIT = 10.0
_FRESH_US = 100_000
_ALONE_US = 500_000
"""So long without OutGauge, and the other kind of packet makes frames by itself."""
_LINE_BEFORE_M = 200.0
_LINE_AFTER_M = 100.0
_TELEPORT_M = 100.0

_MOTION_CHANNELS: tuple[str, ...] = (
    "world_x",
    "world_y",
    "world_z",
    "heading",
    "g_lateral",
    "g_longitudinal",
    "g_vertical",
)
BEAMNG_CHANNELS: tuple[str, ...] = GAUGE_CHANNELS + _MOTION_CHANNELS
LFS_CHANNELS: tuple[str, ...] = (
    *BEAMNG_CHANNELS,
    "lap_distance",
    *wheel_keys("suspension_travel"),
    *wheel_keys("wheel_load"),
    *wheel_keys("wheel_speed"),
    *wheel_keys("wheel_slip"),
    *wheel_keys("slip_angle"),
)
_NOTHING: tuple[float | None, tuple[float, ...]] = (None, ())
_NO_MOTION = (nan,) * len(_MOTION_CHANNELS)

_JOINED = Skipped("motion, joined to the next OutGauge")


class BeamNgDecoder(GaugeDecoder):
    """Reads OutGauge signed "beam" and MotionSim; the game has neither clock nor laps.

    MotionSim's acceleration is in the car's frame. That x is to the right follows
    from recorded packets: the body rolls left, away from the turn, and yaw grows.
    """

    source = "beamng"
    channels = BEAMNG_CHANNELS
    _foreign = Rejected("an OutGauge packet that BeamNG did not sign")

    def __init__(self) -> None:
        super().__init__(BEAMNG_CAR, None)
        self._newest_motion: tuple[float, ...] = ()
        self._motion_us = 0

    def _is_foreign(self, car: bytes) -> bool:
        return car != BEAMNG_CAR

    def _join(self, time_ms: int, received_us: int) -> None:
        is_fresh = abs(received_us - self._motion_us) <= _FRESH_US
        self._motion = self._newest_motion if is_fresh else ()

    def _decode_other(self, datagram: bytes, received_us: int) -> Decoded:
        if len(datagram) == MOTION_SIM_SIZE and datagram[:4] == MOTION_SIM_MARK:
            return self._decode_motion(datagram, received_us)
        return Rejected(
            f"{len(datagram)} bytes, where BeamNG sends 92 or 96, or 88 behind BNG1"
        )

    def _decode_motion(self, datagram: bytes, received_us: int) -> Decoded:
        _, x, y, z, vx, vy, vz, right, ahead, up, yaw = _MOTION_SIM.unpack(datagram)
        speed_ms = hypot(vx, vy, vz)
        if not (
            hypot(x, y, z) < LARGEST
            and speed_ms < _SPEED_LIMIT_MS
            and hypot(right, ahead, up) < LARGEST
            and -_YAW_LIMIT < yaw < _YAW_LIMIT
        ):
            return Rejected("a MotionSim packet with a value out of range")
        self._is_joined = True
        self._motion_us = received_us
        self._newest_motion = (
            x,
            z,
            -y,
            degrees(yaw) % 360.0,
            right / -GRAVITY,
            ahead / GRAVITY,
            up / GRAVITY,
        )
        if self._gauge_us is None:
            self._gauge_us = received_us
        if received_us - self._gauge_us <= _ALONE_US:
            return _JOINED
        return Frame(
            received_us,
            received_us // 1000,
            speed_kmh=speed_ms * 3.6,
            extra=NO_GAUGE + self._newest_motion,
        )


class LfsDecoder(GaugeDecoder):
    """Reads OutGauge and OutSim of Live for Speed, joined by the game's clock.

    Only OutSim knows of laps, and only by the distance in the lap falling to zero:
    the laps are counted here from 1, and lap times are for the lap detector. The
    game sends the angle of the front wheels but not their lock, which is
    ``steering_lock_deg`` to either side. ``outsim_options`` is the ``OutSim Opts``
    of the game's settings, where that is neither 0 nor 1ff.
    """

    source = "lfs"
    channels = LFS_CHANNELS
    _foreign = Rejected("an OutGauge packet that is not Live for Speed's")

    def __init__(
        self, steering_lock_deg: float = 36.0, outsim_options: int | None = None
    ) -> None:
        self._game_clock = SenderClock(self._restart)
        super().__init__(b"", self._game_clock)
        self._lock_deg = steering_lock_deg
        self._reader = OutSimReader(outsim_options)
        self._session_count = 0
        self._begin_session(None)
        self._out_sim = OutSim()
        self._out_sim_us = 0
        self._carried = _NOTHING
        """Steering and the channels behind OutGauge's own, of the newest OutSim."""

    def _is_foreign(self, car: bytes) -> bool:
        return car == BEAMNG_CAR or car[3] != 0 or not any(car)

    def _join(self, time_ms: int, received_us: int) -> None:
        is_fresh = self._is_fresh(time_ms, received_us)
        self._steering, self._motion = self._carried if is_fresh else _NOTHING

    def _decode_other(self, datagram: bytes, received_us: int) -> Decoded:
        out_sim = self._reader.read(datagram)
        if out_sim is None:
            return Rejected(
                f"{len(datagram)} bytes that are neither OutGauge nor OutSim: "
                "set OutSim Opts to 1ff or 0"
            )
        return self._take_out_sim(out_sim, received_us)

    def _take_out_sim(self, out_sim: OutSim, received_us: int) -> Decoded:
        before, self._out_sim = self._out_sim, out_sim
        steering, motion = self._carried = self._joined(out_sim)
        self._out_sim_us = received_us
        self._is_joined = True
        stamp_ms = received_us // 1000
        if out_sim.time_ms is not None:
            stamp_ms = self._game_clock.utc_ms(out_sim.time_ms, received_us)
        self._count_lap(before, out_sim)
        if self._gauge_us is None:
            self._gauge_us = received_us
        if received_us - self._gauge_us <= _ALONE_US:
            return _JOINED
        throttle = brake = None
        panel = NO_GAUGE
        if out_sim.inputs is not None:
            throttle, brake, _, clutch, handbrake = out_sim.inputs
            throttle, brake = unit_share(throttle), unit_share(brake)
            panel = (unit_share(clutch), *NO_GAUGE[1:5], unit_share(handbrake), nan)
        return Frame(
            received_us,
            stamp_ms,
            throttle,
            brake,
            steering,
            None if out_sim.speed_ms is None else out_sim.speed_ms * 3.6,
            None if out_sim.gear is None else GEARS[out_sim.gear],
            out_sim.rpm,
            lap_number=self._lap_number,
            session_uid=self._session_uid,
            extra=(*panel, *motion),
        )

    def _is_fresh(self, time_ms: int, received_us: int) -> bool:
        """Compare the game's clock where OutSim has it, else times of reception."""
        age_us = received_us - self._out_sim_us
        if self._out_sim.time_ms is None:
            return abs(age_us) <= _FRESH_US
        is_near = abs(time_ms - self._out_sim.time_ms) <= _FRESH_US // 1000
        return is_near and abs(age_us) <= _ALONE_US

    def _joined(self, out_sim: OutSim) -> tuple[float | None, tuple[float, ...]]:
        """Return the steering and the channels behind OutGauge's own."""
        steering = None
        if out_sim.inputs is not None:
            share = degrees(-out_sim.inputs[2]) / self._lock_deg
            steering = min(max(share, -1.0), 1.0)
        distance_m = out_sim.lap_distance_m
        return steering, (
            *(out_sim.motion or _NO_MOTION),
            nan if distance_m is None else distance_m,
            *out_sim.wheels,
        )

    def _restart(self) -> None:
        """Note a restart or a jump in a replay: the game's clock went back."""
        self._begin_session(None)

    def _begin_session(self, lap_number: int | None) -> None:
        self._session_count += 1
        self._session_uid = self._session_count
        self._lap_number = lap_number

    def _count_lap(self, before: OutSim, after: OutSim) -> None:
        """Count the distance falling to zero as a lap, unless the car was moved."""
        old_m, new_m = before.lap_distance_m, after.lap_distance_m
        if new_m is None:
            return
        if self._lap_number is None or old_m is None:
            self._lap_number = 1
            return
        if not (old_m > _LINE_BEFORE_M and 0.0 <= new_m < _LINE_AFTER_M):
            return
        if before.motion is not None and after.motion is not None:
            moved_m = dist(before.motion[:3], after.motion[:3])
            if moved_m > _TELEPORT_M:
                self._begin_session(1)
                return
        self._lap_number += 1
