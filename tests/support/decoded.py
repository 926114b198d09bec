"""What every decoder must keep to, whatever it is given."""

from __future__ import annotations

from math import atan2, isfinite, isinf, isnan, pi
from statistics import correlation

from hypothesis import strategies as st

from ps_tui.domain.channel import CHANNELS
from ps_tui.domain.frame import CarLap, Decoded, Frame, Identity, Rejected, Skipped
from ps_tui.domain.ports import Decoder

_SHARES = ("clutch", "handbrake", "fuel_fraction", "tyre_wear", "speed_limiter")


def extra_of(decoder: Decoder, frame: Frame) -> dict[str, float]:
    """Return the further channels that a frame has, by key."""
    return {
        key: value
        for key, value in zip(decoder.channels, frame.extra, strict=False)
        if not isnan(value)
    }


def assert_sound(decoder: Decoder, decoded: Decoded) -> None:
    """Fail on anything but a possible frame or a reason for none."""
    if isinstance(decoded, Skipped | Rejected):
        assert decoded.reason
        return
    if isinstance(decoded, Identity):
        return
    if isinstance(decoded, CarLap):
        assert 0 < decoded.lap_time_ms < 86_400_000
        return
    frame = decoded
    assert len(frame.extra) <= len(decoder.channels)
    assert set(decoder.channels) <= set(CHANNELS)
    for value in (frame.throttle, frame.brake, frame.normalized_position):
        assert value is None or 0.0 <= value <= 1.0
    assert frame.steering is None or -1.0 <= frame.steering <= 1.0
    assert frame.speed_kmh is None or abs(frame.speed_kmh) <= 3600.0
    assert frame.gear is None or -1 <= frame.gear <= 20
    assert frame.rpm is None or 0.0 <= frame.rpm <= 50_000.0
    assert frame.lap_time_ms is None or frame.lap_time_ms >= 0
    assert frame.lap_number is None or frame.lap_number >= 0
    assert frame.last_lap_ms is None or frame.last_lap_ms > 0
    for key, value in zip(decoder.channels, frame.extra, strict=False):
        assert not isinf(value), key
        if isfinite(value):
            assert abs(value) <= 1e10, key
            if key.startswith(_SHARES):
                assert 0.0 <= value <= 1.0, key
            if key == "heading":
                assert 0.0 <= value <= 360.0


def mangled(packets: list[bytes]) -> st.SearchStrategy[bytes]:
    """Real packets cut short, made longer, or with some bytes overwritten."""

    @st.composite
    def build(draw: st.DrawFn) -> bytes:
        packet = bytearray(draw(st.sampled_from(packets)))
        kind = draw(st.sampled_from(["flip", "cut", "extend", "overwrite"]))
        if kind == "cut":
            return bytes(packet[: draw(st.integers(0, len(packet)))])
        if kind == "extend":
            return bytes(packet) + draw(st.binary(min_size=1, max_size=64))
        for _ in range(draw(st.integers(1, 4))):
            at = draw(st.integers(0, len(packet) - 1))
            if kind == "flip":
                packet[at] ^= 1 << draw(st.integers(0, 7))
            else:
                piece = draw(
                    st.one_of(
                        st.binary(min_size=4, max_size=4),
                        st.sampled_from(
                            [b"\0\0\xc0\x7f", b"\0\0\x80\x7f", b"\0\0\x80\xff"]
                        ),
                    )
                )
                at -= at % 4
                packet[at : at + 4] = piece[: len(packet) - at]
        return bytes(packet)

    return build()


def turning_agreement(decoder: Decoder, frames: list[Frame]) -> float:
    """Correlate lateral g, positive to the left, with the bend of the path on the map.

    Near 1 where sign of g and handedness of the map are right, near -1 where one
    is wrong. The path is looked at over ten frames.
    """
    places = [decoder.channels.index(k) for k in ("world_x", "world_z", "g_lateral")]
    bends, forces = [], []
    for before, middle, after in zip(
        frames[:-20:10], frames[10:-10:10], frames[20::10], strict=False
    ):
        x0, z0, _ = (before.extra[at] for at in places)
        x1, z1, g_lateral = (middle.extra[at] for at in places)
        x2, z2, _ = (after.extra[at] for at in places)
        speed_kmh = middle.speed_kmh or 0.0
        if speed_kmh < 60.0:
            continue
        # On a map with x to the right and z down, up is -z.
        turn = atan2(x2 - x1, z1 - z2) - atan2(x1 - x0, z0 - z1)
        left = -((turn + pi) % (2 * pi) - pi)
        elapsed_ms = after.timestamp_ms - before.timestamp_ms
        bends.append(left * speed_kmh / elapsed_ms)
        forces.append(g_lateral)
    return correlation(bends, forces)
