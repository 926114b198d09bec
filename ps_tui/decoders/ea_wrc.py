"""EA SPORTS WRC: the default structure's session_update, 237 bytes.

Little-endian and packed, without a header. A player can write structures of another
length: those are refused by their size. Wheels come as back left, back right, front
left, front right; acceleration is m/s² in the world and is projected on the car's
own vectors. Written from the game's description of its channels; no recorded packet
was at hand to check it against.
"""

from __future__ import annotations

import struct
from math import atan2, floor, hypot, nan, pi
from typing import Any

from ps_tui.decoders.plausible import (
    GRAVITY,
    LARGEST,
    unit_share,
    without_absurd,
)
from ps_tui.decoders.sender_clock import SenderClock
from ps_tui.domain.channel import wheel_keys
from ps_tui.domain.frame import Decoded, Frame, Identity, Rejected, Skipped

SIZE = 237

PACKET = struct.Struct(
    "<"
    "8xf24x"  # 8 game time in s; packet and frame counters, shift lights skipped
    "x3Bx"  # 37 gear, and which gear numbers mean neutral and reverse
    "f4x"  # 41 speed in m/s
    "3f12x"  # 49 position
    "3f3f3f3f"  # 73 acceleration, 85 left, 97 forward, 109 up
    "4f16x4f4f"  # 121 hub position in m, 153 rim speed in m/s, 169 brakes in °C
    "f4xf"  # 185 max rpm, 193 rpm
    "5f"  # 197 throttle, brake, clutch, steering, handbrake
    "f2d"  # 217 stage time in s, 221 stage distance, 229 stage length in m
)

_G = 1.0 / GRAVITY
_DEGREES = 180 / pi

_LEAST_MS, _MOST_MS = -300.0, 300.0
_RPM_LIMIT = 50_000.0
_GEAR_LIMIT = 10
_ACCELERATION_LIMIT = 1e4
_VECTORS_LIMIT = 1.8
"""Three vectors of length 1 make 1.73."""
_LEAST_G, _MOST_G = -2000.0, 2000.0
"""What the limits of acceleration and vectors make together."""
_RESTART_M = 50.0
"""A car that is put back on the road loses less."""

_FINISHED = Skipped("stage finished")
_NO_STAGE = Skipped("no stage")
_OUT_OF_RANGE = Rejected("an EA WRC packet with a value out of range")

CHANNELS: tuple[str, ...] = (
    "world_x",
    "world_y",
    "world_z",
    "lap_distance",
    "session_time",
    "clutch",
    "handbrake",
    "g_lateral",
    "g_longitudinal",
    "g_vertical",
    "heading",
    "max_rpm",
    *wheel_keys("suspension_travel"),
    *wheel_keys("wheel_rim_speed"),
    *wheel_keys("brake_temperature"),
)


class EaWrcDecoder:
    """Reads session_update; a session is one start of a stage.

    Packets go on behind the finish: the first of them is recorded at position 1, so
    that the stage has its end, the others are not.
    """

    source = "ea-wrc"
    channels = CHANNELS

    def __init__(self) -> None:
        self.identity: Identity | None = None
        self._length_m = self._max_rpm = nan
        self._clock = SenderClock()
        self._session_uid = 1
        self._stage_s = 0.0
        self._distance_m = 0.0
        self._is_finished = False

    def decode(self, datagram: bytes, received_us: int) -> Decoded:
        """Return the frame, or why there is none."""
        try:
            values = PACKET.unpack(datagram)
        except struct.error:
            return Rejected(
                f"{len(datagram)} bytes, where EA WRC's default structure has {SIZE}"
            )
        return self._frame(values, received_us)

    def _frame(
        self, values: tuple[Any, ...], received_us: int, is_bounded: bool = False
    ) -> Decoded:
        # fmt: off
        (
            time_s, gear, neutral, reverse, speed_ms, x, y, z, ax, ay, az,
            left_x, left_y, left_z, ahead_x, ahead_y, ahead_z, up_x, up_y, up_z,
            rl_m, rr_m, fl_m, fr_m, rl_ms, rr_ms, fl_ms, fr_ms, rl_c, rr_c, fl_c, fr_c,
            max_rpm, rpm, throttle, brake, clutch, steer, handbrake,
            stage_s, distance_m, length_m,
        ) = values
        if length_m != self._length_m or max_rpm != self._max_rpm:
            refusal = self._take_stage(values)
            if refusal is not None:
                return refusal
        share = distance_m / length_m
        g_lateral = (ax * left_x + ay * left_y + az * left_z) * _G
        g_longitudinal = (ax * ahead_x + ay * ahead_y + az * ahead_z) * _G
        g_vertical = (ax * up_x + ay * up_y + az * up_z) * _G
        if not is_bounded and not (
            0.0 <= throttle <= 1.0 and 0.0 <= brake <= 1.0 and 0.0 <= clutch <= 1.0
            and -1.0 <= steer <= 1.0 and 0.0 <= handbrake <= 1.0
            and 0.0 <= rpm < _RPM_LIMIT and _LEAST_MS < speed_ms < _MOST_MS
            and _LEAST_G < g_lateral < _MOST_G and _LEAST_G < g_longitudinal < _MOST_G
            and _LEAST_G < g_vertical < _MOST_G and -1.0 <= share <= 2.0
            and 0.0 <= stage_s < LARGEST and 0.0 <= time_s < LARGEST
            and (gear <= _GEAR_LIMIT or gear in (neutral, reverse))
            and hypot(
                x, y, z, rl_m, rr_m, fl_m, fr_m, rl_ms, rr_ms, fl_ms, fr_ms,
                rl_c, rr_c, fl_c, fr_c,
            ) < LARGEST
        ):
            bounded = _bounded(values)
            if bounded is None:
                return _OUT_OF_RANGE
            return self._frame(bounded, received_us, is_bounded=True)
        stamp_ms = self._clock.utc_ms(floor(time_s * 1000.0), received_us)
        if not self._clock.is_late:
            if stage_s < self._stage_s or distance_m < self._distance_m - _RESTART_M:
                self._session_uid += 1
            self._stage_s, self._distance_m = stage_s, distance_m
            if distance_m < length_m:
                self._is_finished = False
            elif self._is_finished:
                return _FINISHED
            else:
                self._is_finished = True
        return Frame(
            received_us, stamp_ms, throttle, brake, steer, speed_ms * 3.6,
            0 if gear == neutral else -1 if gear == reverse else gear, rpm,
            floor(stage_s * 1000.0 + 0.5), 1,
            share if 0.0 <= share <= 1.0 else float(share > 0.5),
            None, None, None, None, self._session_uid,
            (
                x, y, z, distance_m, time_s, clutch, handbrake, g_lateral,
                g_longitudinal, g_vertical, atan2(ahead_x, -ahead_z) * _DEGREES % 360.0,
                max_rpm or nan, fl_m, fr_m, rl_m, rr_m, fl_ms, fr_ms, rl_ms, rr_ms,
                fl_c, fr_c, rl_c, rr_c,
            ),
        )
        # fmt: on

    def _take_stage(self, values: tuple[Any, ...]) -> Skipped | Rejected | None:
        """Note another stage, from a packet that is possible in all; or say why not."""
        max_rpm, length_m = values[32], values[41]
        if not (_is_possible(without_absurd(values)) and length_m < LARGEST):
            return _OUT_OF_RANGE
        if length_m == 0.0:
            return _NO_STAGE
        self._length_m, self._max_rpm = length_m, max_rpm
        self.identity = Identity(
            track=f"stage {length_m:.2f} m",
            track_length_m=length_m,
            max_rpm=max_rpm or None,
        )
        return None


def _bounded(values: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """Blank what is absurd and bound what rounding took over its end.

    ``None`` where something else is wrong. An engine that turns back stands.
    """
    if not hypot(*values) < LARGEST:
        values = without_absurd(values)
    if not _is_possible(values):
        return None
    rpm, throttle, brake, clutch, steer, handbrake = values[33:39]
    return (
        *values[:33],
        max(rpm, 0.0),
        unit_share(throttle),
        unit_share(brake),
        unit_share(clutch),
        min(max(steer, -1.0), 1.0),
        unit_share(handbrake),
        *values[39:],
    )


def _is_possible(values: tuple[Any, ...]) -> bool:
    time_s, gear, neutral, reverse, speed_ms = values[:5]
    # fmt: off
    (
        max_rpm, rpm, throttle, brake, clutch, steer, handbrake,
        stage_s, distance_m, length_m,
    ) = values[32:]
    # fmt: on
    return (
        time_s >= 0.0
        and (0 <= gear <= _GEAR_LIMIT or gear in (neutral, reverse))
        and _LEAST_MS < speed_ms < _MOST_MS
        and hypot(*values[8:11]) < _ACCELERATION_LIMIT
        and hypot(*values[11:20]) < _VECTORS_LIMIT
        and 0.0 <= max_rpm < _RPM_LIMIT
        and -_RPM_LIMIT < rpm < _RPM_LIMIT
        and -0.01 <= throttle <= 1.01
        and -0.01 <= brake <= 1.01
        and -0.01 <= clutch <= 1.01
        and -1.01 <= steer <= 1.01
        and -0.01 <= handbrake <= 1.01
        and stage_s >= 0.0
        and length_m >= 0.0
        and -length_m <= distance_m <= 2 * length_m
    )
