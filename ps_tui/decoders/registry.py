"""The table of games: a new one is a decoder, and a row here.

What differs from game to game is data of its row; no other module asks which
game it has before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from ps_tui.decoders import acc, assetto_corsa, f1
from ps_tui.decoders.assetto_corsa import AssettoCorsaDecoder
from ps_tui.decoders.assetto_corsa_conversation import (
    AssettoCorsaConversation,
    AssettoCorsaLapConversation,
)
from ps_tui.decoders.conversation import Conversation
from ps_tui.decoders.dirt_rally import DirtRallyDecoder
from ps_tui.decoders.ea_wrc import EaWrcDecoder
from ps_tui.decoders.forza import ForzaDecoder
from ps_tui.decoders.gran_turismo_7 import (
    GranTurismo7Conversation,
    GranTurismo7Decoder,
)
from ps_tui.decoders.native import NativeDecoder
from ps_tui.decoders.outgauge import BeamNgDecoder, LfsDecoder
from ps_tui.decoders.project_cars import ProjectCarsDecoder
from ps_tui.decoders.recognition import describe, recognise
from ps_tui.domain.frame import CarLap, Frame, Identity, Rejected
from ps_tui.domain.ports import Decoder

__all__ = ["SOURCES", "Asking", "SourceSpec", "describe", "detect", "recognise"]


class Asking(msgspec.Struct, frozen=True):
    """How a game that sends only to those who ask is asked."""

    conversations: tuple[Callable[[], Conversation], ...]
    """One for each socket that the game is asked from; mostly there is one."""
    port: int
    """The game's."""
    own_port: int | None = None
    """Ours, where the game answers to no other; ``None`` means any."""
    host: str | None = "127.0.0.1"
    """Where the game is unless a person says so; ``None``: only a person knows."""


class SourceSpec(msgspec.Struct, frozen=True):
    """One game: where its datagrams come from and who reads them."""

    name: str
    label: str
    port: int
    """Ours where we listen, the game's where we talk first."""
    make_decoder: Callable[..., Decoder]
    """Makes the decoder of one stream; it may remember what the stream told."""
    detect: Callable[[bytes], bool]
    settings_hint: str
    """What to set in the game, or its sender, word for word."""
    options: tuple[str, ...] = ()
    """Names of the user's settings that ``make_decoder`` takes as keywords."""
    asking: Asking | None = None
    """``None`` where the game sends by itself."""
    has_many_sockets: bool = False
    """Its kinds of packets leave the game from sockets of their own."""

    @property
    def listens(self) -> bool:
        """Say whether packets come to a fixed port of ours."""
        return self.asking is None or self.asking.own_port is not None


def _is_native(datagram: bytes) -> bool:
    return isinstance(NativeDecoder().decode(datagram, 0), Frame | Identity)


def _is_assetto_corsa(datagram: bytes) -> bool:
    if len(datagram) == assetto_corsa.CAR_INFO_SIZE:
        return datagram.startswith(assetto_corsa.CAR_INFO_MARK)
    sizes = (assetto_corsa.HANDSHAKE_SIZE, assetto_corsa.LAP_SIZE)
    return len(datagram) in sizes and isinstance(
        AssettoCorsaDecoder().decode(datagram, 0), Identity | CarLap
    )


def _accepted_by(make_decoder: Callable[[], Decoder]) -> Callable[[bytes], bool]:
    """Return a test for games whose sizes and ranges tell them apart."""
    return lambda datagram: not isinstance(make_decoder().decode(datagram, 0), Rejected)


def _is_ea_wrc(datagram: bytes) -> bool:
    """Size and ranges are not enough: F1 24 has packets of this size, on this port."""
    return _accepted_by(EaWrcDecoder)(datagram) and not f1.detect(datagram)


SOURCES: Mapping[str, SourceSpec] = {
    spec.name: spec
    for spec in (
        SourceSpec(
            name="native",
            label="Purple Sector frames",
            port=9997,
            make_decoder=NativeDecoder,
            detect=_is_native,
            settings_hint=(
                "Send one serialised TelemetryFrame (proto/telemetry.proto) per UDP "
                "datagram to port 9997 of this computer."
            ),
        ),
        SourceSpec(
            name="assetto-corsa",
            label="Assetto Corsa",
            port=9996,
            asking=Asking(
                (AssettoCorsaConversation, AssettoCorsaLapConversation), 9996
            ),
            make_decoder=AssettoCorsaDecoder,
            options=("steering_lock_deg",),
            detect=_is_assetto_corsa,
            settings_hint=(
                "Nothing to set in Assetto Corsa: load a session and drive. If the "
                "game runs on another computer, give its address with --host and "
                "allow inbound UDP 9996 in that computer's firewall."
            ),
        ),
        SourceSpec(
            name="f1",
            label="EA F1 23, 24 and 25",
            port=f1.DEFAULT_PORT,
            make_decoder=f1.F1Decoder,
            detect=f1.detect,
            settings_hint=f1.MENU_HINT,
        ),
        SourceSpec(
            name="forza",
            label="Forza Motorsport and Horizon",
            port=5300,
            make_decoder=ForzaDecoder,
            detect=_accepted_by(ForzaDecoder),
            settings_hint=(
                "In Settings, HUD and Gameplay: Data Out on, Data Out IP Address of "
                "this computer, Data Out IP Port 5300; in Motorsport also Data Out "
                "Packet Format Dash."
            ),
        ),
        SourceSpec(
            name="dirt-rally",
            label="DiRT Rally and DiRT Rally 2.0",
            port=20777,
            make_decoder=DirtRallyDecoder,
            detect=_accepted_by(DirtRallyDecoder),
            settings_hint=(
                "With the game closed, in Documents/My Games/<game>/hardwaresettings/"
                'hardware_settings_config.xml: <udp enabled="true" extradata="3" '
                'ip="127.0.0.1" port="20777" delay="1" />, with the address of this '
                "computer for ip."
            ),
        ),
        SourceSpec(
            name="ea-wrc",
            label="EA SPORTS WRC",
            port=20777,
            make_decoder=EaWrcDecoder,
            detect=_is_ea_wrc,
            settings_hint=(
                "In Documents/My Games/WRC/telemetry/config.json: a packet with "
                'structure "wrc", packet "session_update", the ip of this computer, '
                "port 20777, frequencyHz 60 and bEnabled true."
            ),
        ),
        SourceSpec(
            name="lfs",
            label="Live for Speed",
            port=30000,
            make_decoder=LfsDecoder,
            has_many_sockets=True,
            detect=_accepted_by(LfsDecoder),
            settings_hint=(
                "In cfg.txt, then restart the game: OutGauge Mode 1, OutGauge Delay 1, "
                "OutGauge IP of this computer, OutGauge Port 30000, and the same for "
                "OutSim with OutSim Opts 1ff. Laps need OutSim."
            ),
        ),
        SourceSpec(
            name="beamng",
            label="BeamNG.drive",
            port=4444,
            make_decoder=BeamNgDecoder,
            has_many_sockets=True,
            detect=_accepted_by(BeamNgDecoder),
            settings_hint=(
                "In Options, Other, Protocols: OutGauge on, and MotionSim on for "
                "position and G; IP of this computer, port 4444. BeamNG sends no laps."
            ),
        ),
        SourceSpec(
            name="gran-turismo-7",
            label="Gran Turismo 7",
            port=33740,
            make_decoder=GranTurismo7Decoder,
            asking=Asking(
                (GranTurismo7Conversation,), 33739, own_port=33740, host=None
            ),
            detect=_accepted_by(GranTurismo7Decoder),
            settings_hint=(
                "Nothing to set in Gran Turismo 7: give the address of the console "
                "with --host (Settings, Network, Connection Status shows it) and "
                "allow inbound UDP 33740 in this computer's firewall."
            ),
        ),
        SourceSpec(
            name="project-cars",
            label="Project CARS and Automobilista 2",
            port=5606,
            make_decoder=ProjectCarsDecoder,
            detect=_accepted_by(ProjectCarsDecoder),
            settings_hint=(
                "In Options, System: UDP Frequency 1 and UDP Protocol Version Project "
                "CARS 2. The game broadcasts to port 5606 of its network; names of "
                "track and car may take minutes to come."
            ),
        ),
        SourceSpec(
            name="acc",
            label="Assetto Corsa Competizione",
            port=9000,
            make_decoder=acc.AccDecoder,
            asking=Asking((acc.AccConversation,), 9000),
            detect=acc.detect,
            settings_hint=(
                "In Documents/Assetto Corsa Competizione/Config/broadcasting.json: "
                '"updListenerPort": 9000 and "connectionPassword": "asd", then restart '
                "the game and join a session. It sends laps and places, no pedals."
            ),
        ),
    )
}


def detect(datagram: bytes) -> str | None:
    """Return the name of the source that reads such datagrams, if there is one."""
    return next((spec.name for spec in SOURCES.values() if spec.detect(datagram)), None)
