"""Says why there is no data: from what the collector has seen, in words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from ps_tui.collector.binding import Address, holder_of
from ps_tui.collector.capture import plain_host
from ps_tui.collector.collector import Collector
from ps_tui.collector.feed import Feed
from ps_tui.collector.routing import Refused, Route
from ps_tui.collector.senders import name_of
from ps_tui.collector.talk import TalkStatus
from ps_tui.collector.this_computer import firewall_hint, local_addresses
from ps_tui.decoders.registry import SourceSpec, detect
from ps_tui.domain.clock import Clock
from ps_tui.domain.diagnosis import (
    Diagnosis,
    Finding,
    PortReport,
    RefusedReport,
    SenderReport,
    SourceReport,
    TalkReport,
)
from ps_tui.domain.recording import FeedState

_SHOWN_SENDERS = 32
_RECENT_US = 10_000_000

Judgement = tuple[Finding, str, str]
"""A finding, what it is in words, and what to do about it."""

_OF_STATE: dict[FeedState, Judgement] = {
    FeedState.LIVE: (Finding.OK, "sends, and is read", ""),
    FeedState.PAUSED: (
        Finding.PAUSED,
        "is paused: it repeats one packet, or sends packets without a car",
        "Go on driving.",
    ),
    FeedState.CONNECTED: (
        Finding.MENU,
        "answers, but sends no frames: it is in a menu",
        "Load a session and go on track.",
    ),
    FeedState.SILENT: (
        Finding.SILENT,
        "sent, and stopped",
        "Look whether the game is still running and on track.",
    ),
}
_GRAVITY = (
    Finding.OK,
    Finding.PAUSED,
    Finding.MENU,
    Finding.REFUSED,
    Finding.SILENT,
    Finding.WRONG_GAME,
    Finding.UNSUPPORTED,
    Finding.UNEXPECTED_SENDER,
    Finding.PORT_HELD,
    Finding.NO_ANSWER,
    Finding.NOTHING,
)
"""Of several games the one furthest on the way to data decides the verdict."""


class CollectorDoctor:
    """Implements ``Doctor`` for a running collector."""

    def __init__(self, collector: Collector, clock: Clock) -> None:
        self._collector = collector
        self._clock = clock
        self._last_us = 0
        self._counts: dict[tuple[int, object], int] = {}

    async def examine(self) -> Diagnosis:
        """Look at ports, senders and conversations as they are now.

        Rates are those since the look before, at the first since a sender began.
        """
        now_us = self._clock.now_us()
        ports = await self._ports()
        sources = tuple(self._source(spec) for spec in self._specs)
        finding, words, remedy = self._verdict(sources, ports, now_us)
        return Diagnosis(
            finding=finding,
            words=words,
            remedy=remedy,
            ports=ports,
            sources=sources,
            senders=tuple(self._senders(now_us)),
            refused=tuple(_refused(one, now_us) for one in self._refused_most_first()),
            talks=tuple(self._talks(now_us)),
            addresses=await asyncio.to_thread(local_addresses),
            firewall=firewall_hint(tuple(report.port for report in ports)),
            forwards=self._collector.forwards.status(),
        )

    @property
    def _specs(self) -> tuple[SourceSpec, ...]:
        return tuple(self._collector.lines.specs.values())

    async def _ports(self) -> tuple[PortReport, ...]:
        lines = self._collector.lines
        reports = [
            PortReport(port, tuple(lines.labels_on(asked)), is_bound=True)
            for asked, port in lines.bound_ports
        ]
        for port, trouble in lines.troubles.items():
            holder = await asyncio.to_thread(holder_of, port)
            games = tuple(lines.labels_on(port))
            reports.append(PortReport(port, games, False, holder, trouble.cause))
        return tuple(sorted(reports, key=lambda report: report.port))

    def _senders(self, now_us: int) -> Iterator[SenderReport]:
        elapsed_us = now_us - self._last_us if self._last_us else 0
        counts: dict[tuple[int, object], int] = {}
        met = [
            (gate, address, route)
            for gate in self._collector.lines.gates
            for address, route in gate.routes.items()
        ]
        met.sort(key=lambda each: each[2].last_us, reverse=True)
        for gate, address, route in met[:_SHOWN_SENDERS]:
            key = (id(gate), address)
            counts[key] = route.count
            before = self._counts.get(key)
            if before is None or elapsed_us < 200_000:
                elapsed = max(route.last_us - route.first_us, 1)
                rate_hz = (route.count - 1) * 1e6 / elapsed
            else:
                rate_hz = (route.count - before) * 1e6 / elapsed_us
            yield SenderReport(
                host=plain_host(address) if address else "",
                sender_port=address[1] if address else 0,
                own_port=gate.port,
                source=_read_as(route),
                packets=route.count,
                rate_hz=round(rate_hz, 1),
                age_s=(now_us - route.last_us) / 1e6,
            )
        self._last_us, self._counts = now_us, counts

    def _refused_most_first(self) -> list[Refused]:
        refused = self._collector.router.refused.values()
        return sorted(refused, key=lambda one: one.count, reverse=True)

    def _talks(self, now_us: int) -> Iterator[TalkReport]:
        for source, talks in self._collector.lines.talks.items():
            for talk in talks:
                status = talk.status()
                yield TalkReport(
                    source=source,
                    endpoint=status.endpoint,
                    sent=status.sent_count,
                    answered=status.answer_count,
                    answer_age_s=_age_s(status.answered_us, now_us),
                    telemetry_age_s=_age_s(status.telemetry_us, now_us),
                    complaint=status.complaint or "",
                    topic=status.topic,
                )

    def _source(self, spec: SourceSpec) -> SourceReport:
        finding, words, remedy = self._judge(spec)
        return SourceReport(
            source=spec.name,
            label=spec.label,
            port=spec.port,
            finding=finding,
            words=f"{spec.label} {words}.",
            remedy=remedy,
            setting=spec.settings_hint,
        )

    def _judge(self, spec: SourceSpec) -> Judgement:
        feeds = [
            feed
            for feed in self._collector.selection.feeds
            if feed.spec is spec and feed.live.last_packet_us
        ]
        judged = [
            _OF_STATE[state]
            for feed in feeds
            if (state := feed.live.status().state) in _OF_STATE
        ]
        talks = [
            talk.status() for talk in self._collector.lines.talks.get(spec.name, [])
        ]
        if judged:
            best = min(judged, key=lambda each: _GRAVITY.index(each[0]))
            complaints = [talk for talk in talks if talk.complaint]
            if complaints and best[0] in (Finding.MENU, Finding.SILENT):
                return _judge_talk(complaints[0])  # a refusal is an answer, too
            return best
        if talks:
            return _judge_talk(talks[0])
        trouble = self._collector.lines.troubles.get(
            self._collector.lines.port_of(spec)
        )
        if trouble is not None:
            words = f"cannot be heard: {trouble.cause.removesuffix('.')}"
            return Finding.PORT_HELD, words, trouble.remedy
        if spec.asking is not None and spec.asking.host is None:
            return Finding.NOTHING, "was not asked", spec.settings_hint
        return Finding.NOTHING, "sends nothing that arrives here", spec.settings_hint

    def _verdict(
        self,
        sources: tuple[SourceReport, ...],
        ports: tuple[PortReport, ...],
        now_us: int,
    ) -> Judgement:
        other = self._collector.recording.other
        if other is not None:
            who = f"{other.recorder.label} (pid {other.recorder.pid})"
            return (
                Finding.PORT_HELD,
                f"{who} records into this database; this window reads along.",
                "Look there, or end it.",
            )
        best = min(sources, key=lambda each: _GRAVITY.index(each.finding))
        arrived = self._judge_arrivals(now_us)
        if _GRAVITY.index(best.finding) <= _GRAVITY.index(Finding.SILENT):
            rival = self._rival(now_us) if best.finding is Finding.OK else None
            return rival or (best.finding, best.words, best.remedy)
        if arrived is not None:
            return arrived
        held = [report for report in ports if not report.is_bound]
        if held:
            games = ", ".join(game for report in held for game in report.games)
            return (
                Finding.PORT_HELD,
                f"Nothing arrives, and {_holders(held)}: "
                f"{games or 'its game'} cannot be heard.",
                "Close it, or let it forward to a port that ps-tui hears (--port).",
            )
        if len(sources) == 1:
            return best.finding, best.words, best.remedy
        return (
            Finding.NOTHING,
            "Nothing arrives on any port.",
            "Set the address of this computer in the game, as below, drive, and let "
            "the firewall pass UDP.",
        )

    def _judge_arrivals(self, now_us: int) -> Judgement | None:
        """Judge what arrives that no decoder reads."""
        recent = [
            one
            for one in self._collector.router.refused.values()
            if now_us - one.last_us < _RECENT_US
        ]
        if not recent:
            return None
        refused = max(recent, key=lambda one: one.count)
        where = f" from {refused.sender}" if refused.sender else ""
        what = refused.description.removeprefix("looks like ")
        if refused.description.startswith("unknown"):
            return (
                Finding.UNEXPECTED_SENDER,
                f"Packets{where} are of no known game: "
                f"{what.removeprefix('unknown, ')}.",
                "Find the program that sends them, or another port for the game.",
            )
        source = detect(refused.sample)
        if source is not None:
            return (
                Finding.WRONG_GAME,
                f"{what[:1].upper()}{what[1:]} sends{where}, which is another game "
                "than the one chosen.",
                f"Choose --source {source}, or auto.",
            )
        what, _, advice = what.partition(": ")
        return (
            Finding.UNSUPPORTED,
            f"What arrives{where} looks like {what}, but cannot be read: it is "
            "encrypted, damaged or of a version that ps-tui does not know.",
            f"{advice[:1].upper()}{advice[1:]}."
            if advice
            else "Set the game to a format that is read, as below.",
        )

    def _rival(self, now_us: int) -> Judgement | None:
        """Say that a second computer or program sends the same game."""
        for feed in self._collector.selection.feeds:
            rivals = [
                (address, route)
                for address, route in self._routes(feed)
                if route.address != feed.stream.sender
                and now_us - route.last_us < _RECENT_US
            ]
            if rivals and feed.counters.frames:
                read, ignored = name_of(feed.stream.sender), name_of(rivals[0][0])
                return (
                    Finding.UNEXPECTED_SENDER,
                    f"{feed.source} from {read} is read; a second sender, {ignored}, "
                    "is ignored.",
                    "Switch one of them off if the wrong one is read.",
                )
        return None

    def _routes(self, feed: Feed) -> Iterator[tuple[Address, Route]]:
        for gate in self._collector.lines.gates:
            for address, route in gate.routes.items():
                if route.feed is feed and address is not None:
                    yield address, route


def _read_as(route: Route) -> str:
    """Return the game that a sender is read as, empty while nothing of it was."""
    feed = route.feed
    return feed.source if feed is not None and feed.live.last_packet_us else ""


def _holders(held: list[PortReport]) -> str:
    """Write which program holds which ports, each program once."""
    ports: dict[str, list[str]] = {}
    for report in held:
        ports.setdefault(report.holder, []).append(str(report.port))
    return ", ".join(
        f"{holder} holds UDP {', '.join(taken)}" for holder, taken in ports.items()
    )


def _judge_talk(talk: TalkStatus) -> Judgement:
    if talk.complaint:
        return (
            Finding.REFUSED,
            f"answers, but refuses: {talk.complaint}",
            "Correct it in the game's settings.",
        )
    if talk.answer_count:
        return _OF_STATE[FeedState.CONNECTED]
    return (
        Finding.NO_ANSWER,
        f"was asked {talk.sent_count} times at {talk.endpoint} and does not answer",
        "Start the game and load a session; on another computer give its address with "
        "--host.",
    )


def _refused(one: Refused, now_us: int) -> RefusedReport:
    return RefusedReport(
        size=one.size,
        count=one.count,
        looks_like=one.description,
        sender=one.sender,
        age_s=(now_us - one.last_us) / 1e6,
    )


def _age_s(then_us: int, now_us: int) -> float | None:
    return (now_us - then_us) / 1e6 if then_us else None
