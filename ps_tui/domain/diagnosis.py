"""Why there is no data: what was looked at, and what follows from it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ps_tui.domain.recording import ForwardStatus


class Finding(StrEnum):
    """What is the matter with a source, or with everything."""

    OK = "ok"
    NOTHING = "nothing arrives"
    WRONG_GAME = "wrong game"
    MENU = "in the menu"
    PAUSED = "paused"
    NO_ANSWER = "no answer"
    """The game has to be asked, was asked, and does not answer."""
    REFUSED = "refused"
    """The game answered and refused."""
    UNSUPPORTED = "unsupported"
    """Encrypted, or of a version that is not read."""
    PORT_HELD = "port held"
    UNEXPECTED_SENDER = "unexpected sender"
    SILENT = "stopped"
    """Frames came, and stopped."""


class PortReport(msgspec.Struct, frozen=True):
    """A port that games send to. ``holder`` names the program that has it, if any."""

    port: int
    games: tuple[str, ...]
    is_bound: bool
    holder: str = ""
    problem: str = ""


class SenderReport(msgspec.Struct, frozen=True):
    """Who sends to us; ``source`` is empty where no game is recognised."""

    host: str
    sender_port: int
    own_port: int
    source: str
    packets: int
    rate_hz: float
    age_s: float


class RefusedReport(msgspec.Struct, frozen=True):
    """Packets of one size (``None``: of all further sizes) that no decoder read."""

    size: int | None
    count: int
    looks_like: str
    sender: str
    age_s: float


class TalkReport(msgspec.Struct, frozen=True):
    """A game that has to be asked: what was said and answered."""

    source: str
    endpoint: str
    sent: int
    answered: int
    answer_age_s: float | None
    telemetry_age_s: float | None
    complaint: str = ""
    topic: str = "telemetry"
    """What the game is asked for."""


class SourceReport(msgspec.Struct, frozen=True):
    """What is the matter with one game, and what to do about it."""

    source: str
    label: str
    port: int
    finding: Finding
    words: str
    remedy: str
    setting: str
    """What to set in the game, word for word."""


class LocalAddress(msgspec.Struct, frozen=True):
    """An address of this computer, to be typed into a game."""

    interface: str
    address: str


class Diagnosis(msgspec.Struct, frozen=True):
    """The whole of a look. ``words`` and ``remedy`` are the verdict over all."""

    finding: Finding
    words: str
    remedy: str
    ports: tuple[PortReport, ...]
    sources: tuple[SourceReport, ...]
    senders: tuple[SenderReport, ...]
    refused: tuple[RefusedReport, ...]
    talks: tuple[TalkReport, ...]
    addresses: tuple[LocalAddress, ...]
    firewall: str
    forwards: tuple[ForwardStatus, ...] = ()
    """Whom packets are passed on to."""
