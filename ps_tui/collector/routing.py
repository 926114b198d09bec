"""Which game a sender is: asked of its first datagrams, then settled.

A settled sender costs one look into a dictionary. Senders of nothing known are
looked at less and less, so that a flood of theirs is only counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from ps_tui.collector.binding import Address
from ps_tui.collector.feed import Feed
from ps_tui.collector.senders import host_of
from ps_tui.decoders.registry import SourceSpec, describe
from ps_tui.domain.recording import FeedCounters

Take = Callable[[bytes, Address | None, int], None]
Pass = Callable[[bytes, Address | None], None]
"""Takes a datagram that is to be passed on, and who sent it."""

CONFIRMATIONS = 2
"""So many datagrams of one game make it found: one may be chance."""
_CONFIRM_WITHIN_US = 10_000_000
_FOREIGN_IN_ROW = 3
"""So many refused packets in a row, and a settled sender is asked its game anew."""
_LOOK_ANEW_EVERY_US = 100_000
"""Which game a datagram is of takes long to find out: garbage must not cost that."""
_MISSES_BEFORE_DULL = 32
_DULL_LOOK_EVERY = 64
_HOST_MISSES_BEFORE_DULL = 512
_DULL_HOST_LOOK_EVERY = 16
"""A computer that sends nothing known from ever new ports is looked at less, too."""
_HOST_LIMIT = 1024
_ROUTE_LIMIT = 4096
_CANDIDATE_LIMIT = 64
_REFUSED_SIZES = 48
_DESCRIBED_EVERY = 4096


class Route:
    """What is known of one sender on one socket."""

    __slots__ = (
        "address",
        "count",
        "feed",
        "first_us",
        "last_us",
        "miss_count",
        "passes",
        "take",
    )

    def __init__(self, take: Take, address: Address | None, passes: Iterable[Pass]):
        self.take = take
        self.address = address
        """Whom the stream takes for the sender."""
        self.passes = tuple(passes)
        self.count = 0
        self.miss_count = 0
        self.first_us = 0
        self.last_us = 0
        self.feed: Feed | None = None


class Refused(msgspec.Struct):
    """Datagrams of one size that no decoder took.

    ``size`` is ``None`` for all further sizes; the rest then tells of one of them.
    """

    size: int | None
    count: int = 0
    description: str = ""
    sample: bytes = b""
    sender: str = ""
    last_us: int = 0


class Gate:
    """What arrives at one of our sockets, sender by sender."""

    def __init__(
        self,
        port: int,
        meet: Callable[[Gate, Address | None], Route],
        only: SourceSpec | None = None,
    ) -> None:
        self.only = only
        """The game that is asked over this socket, if one is."""
        self.port = port
        """The one that was asked for."""
        self.routes: dict[Address | None, Route] = {}
        self.copies: tuple[Callable[[bytes, Address | None, int, Gate], None], ...] = ()
        self._meet = meet

    def receive(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        """Pass a datagram on as it is, then to the feed of its sender."""
        route = self.routes.get(address)
        if route is None:
            route = self._meet(self, address)
            route.first_us = received_us
        route.count += 1
        route.last_us = received_us
        for pass_on in route.passes:
            pass_on(datagram, address)
        for copy in self.copies:
            copy(datagram, address, received_us, self)
        route.take(datagram, route.address, received_us)


class Router:
    """Finds the feed of each sender.

    ``find`` gives the feed of a game on a host, made where there is none yet, None
    where there is room for no more. With ``fixed`` every sender is of that feed,
    whose stream judges by itself. ``passes_of`` names who gets a game's datagrams.
    """

    def __init__(
        self,
        specs: Mapping[str, SourceSpec],
        find: Callable[[SourceSpec, str], Feed | None],
        now_us: Callable[[], int],
        *,
        fixed: Feed | None = None,
        passes_of: Callable[[str | None], tuple[Pass, ...]] = lambda _: (),
        intercept: Callable[[SourceSpec, str, Take], Take] = lambda _, __, take: take,
    ) -> None:
        self._specs = tuple(specs.values())
        self._find = find
        self._now_us = now_us
        self._fixed = fixed
        self._passes_of = passes_of
        self._intercept = intercept
        self._candidates: dict[tuple[str, str], list[_Candidate]] = {}
        self.confirmations = CONFIRMATIONS
        self._misses: dict[str, int] = {}
        """Datagrams in a row of no known game, by the computer that sent them."""
        self._found: set[tuple[str, str]] = set()
        self.refused: dict[int | None, Refused] = {}
        self.unclaimed = FeedCounters()
        """Datagrams of no known game: each is in ``packets`` and ``rejected``."""

    def detect(self, datagram: bytes) -> SourceSpec | None:
        """Return the game of a datagram."""
        for spec in self._specs:
            if spec.detect(datagram):
                return spec
        return None

    def meet(self, gate: Gate, address: Address | None) -> Route:
        """Return the route of a sender that is new on a socket."""
        if len(gate.routes) >= _ROUTE_LIMIT:
            self._forget_strangers(gate)
        fixed = self._fixed
        if fixed is not None and fixed.spec is not None:
            route = Route(fixed.stream.receive, None, self._passes_of(fixed.source))
            self._settle(gate, route, fixed, address)
        else:
            route = Route(_nobody, address, self._passes_of(None))

            def look(
                datagram: bytes, address: Address | None, received_us: int
            ) -> None:
                self._look(gate, route, datagram, address, received_us)

            route.take = look
        gate.routes[address] = route
        return route

    def note_refused(self, datagram: bytes, address: Address | None, us: int) -> None:
        """Remember by its size what nobody reads."""
        size: int | None = len(datagram)
        refused = self.refused.get(size)
        if refused is None:
            if len(self.refused) >= _REFUSED_SIZES:
                size = None
            refused = self.refused.setdefault(size, Refused(size))
        if refused.count % _DESCRIBED_EVERY == 0:
            refused.description = describe(datagram)
            refused.sample = datagram
        refused.count += 1
        refused.sender = str(address[0]).removeprefix("::ffff:") if address else ""
        refused.last_us = us

    def stranger(self, now_us: int) -> str:
        """Say of the newest datagrams that nobody reads what they are, empty where
        none came within the last second."""
        newest = max(self.refused.values(), key=lambda each: each.last_us, default=None)
        if newest is None or now_us - newest.last_us >= 1_000_000:
            return ""
        what = newest.description
        return f"is {what}" if what.startswith("unknown") else what

    def close(self) -> None:
        """Count what waited for a second datagram of its game."""
        for waiting in self._candidates.values():
            self._give_up(waiting)
        self._candidates.clear()

    def watch_for_change(self, feed: Feed, gates: Iterable[Gate]) -> None:
        """Look anew at a sender of ``feed`` that went on with another game."""
        gates = tuple(gates)
        looked_us = 0

        def note(datagram: bytes, address: Address | None, in_row: int) -> None:
            nonlocal looked_us
            now_us = self._now_us()
            self.note_refused(datagram, address, now_us)
            if self._fixed is not None or in_row < _FOREIGN_IN_ROW:
                return
            if 0 <= now_us - looked_us < _LOOK_ANEW_EVERY_US:
                return
            looked_us = now_us
            spec = self.detect(datagram)
            if spec is None or spec is feed.spec:
                return
            for gate in gates:
                for known, route in list(gate.routes.items()):
                    if route.feed is feed and route.address == address:
                        del gate.routes[known]

        feed.stream.on_reject = note

    def _look(
        self,
        gate: Gate,
        route: Route,
        datagram: bytes,
        address: Address | None,
        received_us: int,
    ) -> None:
        host = host_of(address)
        if self._is_dull(route, host):
            self._reject()
            return
        spec = gate.only
        if spec is None or not spec.detect(datagram):
            spec = self.detect(datagram) if spec is None else None
        if spec is None:
            route.miss_count += 1
            self._note_miss(host)
            self.note_refused(datagram, address, received_us)
            return
        self._misses.pop(host, None)
        key = (spec.name, host)
        waiting = self._candidates.setdefault(key, [])
        waiting.append(_Candidate(gate, route, datagram, address, received_us))
        while received_us - waiting[0].received_us > _CONFIRM_WITHIN_US:
            self._give_up([waiting.pop(0)])
        is_sure = key in self._found or gate.only is not None
        if len(waiting) < self.confirmations and not is_sure:
            self._limit_candidates()
            return
        feed = self._find(spec, host)
        del self._candidates[key]
        if feed is None:
            self._give_up(waiting)
            return
        self._found.add(key)
        for one in waiting:
            self._settle(one.gate, one.route, feed, one.address)
        for one in waiting:
            one.route.take(one.datagram, one.route.address, one.received_us)

    def _settle(
        self, gate: Gate, route: Route, feed: Feed, address: Address | None
    ) -> None:
        spec = feed.spec
        assert spec is not None
        route.feed = feed
        route.address = address
        if spec.has_many_sockets and address is not None:
            route.address = (host_of(address),)
        take = feed.stream.receive
        route.take = self._intercept(spec, host_of(address), take)
        route.passes = self._passes_of(spec.name)
        feed.sockets.add(gate)

    def _is_dull(self, route: Route, host: str) -> bool:
        """Say whether a datagram is not worth a look after so many of nothing known."""
        misses = route.miss_count
        if misses >= _MISSES_BEFORE_DULL and misses % _DULL_LOOK_EVERY:
            route.miss_count += 1
            return True
        misses = self._misses.get(host, 0)
        if misses > _HOST_MISSES_BEFORE_DULL:
            self._misses[host] = misses + 1
            return misses % _DULL_HOST_LOOK_EVERY > 0
        return False

    def _note_miss(self, host: str) -> None:
        self._reject()
        if len(self._misses) >= _HOST_LIMIT:
            self._misses.clear()
        self._misses[host] = self._misses.get(host, 0) + 1

    def _reject(self) -> None:
        self.unclaimed.packets += 1
        self.unclaimed.rejected += 1

    def _give_up(self, waiting: list[_Candidate]) -> None:
        for one in waiting:
            self._reject()
            self.note_refused(one.datagram, one.address, one.received_us)

    def _limit_candidates(self) -> None:
        if len(self._candidates) > _CANDIDATE_LIMIT:
            oldest = next(iter(self._candidates))
            self._give_up(self._candidates.pop(oldest))

    def _forget_strangers(self, gate: Gate) -> None:
        gate.routes = {
            address: route
            for address, route in gate.routes.items()
            if route.feed is not None
        }
        if len(gate.routes) >= _ROUTE_LIMIT:
            gate.routes.clear()


class _Candidate(msgspec.Struct, frozen=True, gc=False):
    """A datagram that looks like a game's, until another one says so too."""

    gate: Gate
    route: Route
    datagram: bytes
    address: Address | None
    received_us: int


def _nobody(datagram: bytes, address: Address | None, received_us: int) -> None:
    """Take nothing, until it is known who does."""
