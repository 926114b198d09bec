"""Sockets on loopback: both families, full drains, and errors that explain."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator

import psutil
import pytest

from ps_tui.collector import udp
from ps_tui.collector.binding import Address
from ps_tui.collector.clock import SystemClock
from ps_tui.collector.udp import DATAGRAMS_PER_WAKE_UP, UdpSocket
from ps_tui.domain.errors import NetworkError
from tests.support.recording_fakes import until


class Inbox:
    def __init__(self) -> None:
        self.datagrams: list[bytes] = []
        self.times_us: list[int] = []
        self.socket = UdpSocket(self._receive, SystemClock().now_us)

    def _receive(
        self, datagram: bytes, address: Address | None, received_us: int
    ) -> None:
        self.datagrams.append(datagram)
        self.times_us.append(received_us)


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    box = Inbox()
    yield box
    box.socket.close()
    await asyncio.sleep(0)


def send(payload: bytes, port: int, host: str = "127.0.0.1") -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.sendto(payload, (host, port))


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6 on this machine")


@needs_ipv6
@pytest.mark.parametrize("host", [None, "", "*", "::"])
async def test_every_address_means_both_families(
    inbox: Inbox, host: str | None
) -> None:
    await inbox.socket.listen(host, 0)
    send(b"four", inbox.socket.port)
    send(b"six", inbox.socket.port, "::1")
    await until(lambda: len(inbox.datagrams) == 2)
    assert sorted(inbox.datagrams) == [b"four", b"six"]


async def test_one_address_means_its_family(inbox: Inbox) -> None:
    await inbox.socket.listen("127.0.0.1", 0)
    send(b"four", inbox.socket.port)
    await until(lambda: inbox.datagrams == [b"four"])


@needs_ipv6
async def test_a_name_with_two_addresses_listens_on_both(inbox: Inbox) -> None:
    await inbox.socket.listen("::1", 0)
    send(b"six", inbox.socket.port, "::1")
    await until(lambda: inbox.datagrams == [b"six"])


async def test_a_name_is_looked_up(inbox: Inbox) -> None:
    await inbox.socket.listen("localhost", 0)
    send(b"four", inbox.socket.port)
    await until(lambda: inbox.datagrams == [b"four"])


async def test_without_ipv6_it_listens_on_ipv4(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)
    await inbox.socket.listen(None, 0)
    send(b"four", inbox.socket.port)
    await until(lambda: inbox.datagrams == [b"four"])


async def test_with_ipv6_switched_off_it_listens_on_ipv4(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = udp.bind

    def bind(family: int, address: Address) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "no IPv6")
        return real(family, address)

    monkeypatch.setattr(udp, "bind", bind)
    await inbox.socket.listen(None, 0)
    send(b"four", inbox.socket.port)
    await until(lambda: inbox.datagrams == [b"four"])


async def test_more_than_a_drain_and_the_largest_datagram(inbox: Inbox) -> None:
    await inbox.socket.listen("127.0.0.1", 0)
    count = DATAGRAMS_PER_WAKE_UP + 100
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for number in range(count):
            sender.sendto(number.to_bytes(2, "big"), ("127.0.0.1", inbox.socket.port))
            if number % 100 == 99:
                await asyncio.sleep(0)
        sender.sendto(bytes(60_000), ("127.0.0.1", inbox.socket.port))
    await until(lambda: len(inbox.datagrams) == count + 1)
    assert [int.from_bytes(d, "big") for d in inbox.datagrams[:-1]] == [*range(count)]
    assert len(inbox.datagrams[-1]) == 60_000
    assert inbox.times_us == sorted(inbox.times_us)


async def test_what_waits_is_drained_before_closing(inbox: Inbox) -> None:
    await inbox.socket.listen("127.0.0.1", 0)
    for _ in range(5):
        send(b"x", inbox.socket.port)
    inbox.socket.drain()
    inbox.socket.close()
    inbox.socket.close()
    assert len(inbox.datagrams) == 5
    assert not inbox.socket.is_open


async def test_a_loop_without_readers_uses_a_protocol(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    real = loop.add_reader
    refusals: list[object] = []

    def refuse_once(*args: object) -> None:
        if not refusals:
            refusals.append(args)
            raise NotImplementedError
        real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(loop, "add_reader", refuse_once)
    await inbox.socket.listen("127.0.0.1", 0)
    send(b"four", inbox.socket.port)
    await until(lambda: inbox.datagrams == [b"four"])


async def test_an_unreachable_port_does_not_end_the_reading(inbox: Inbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
        game.bind(("127.0.0.1", 0))
        address = game.getsockname()
    await inbox.socket.connect(*address)
    inbox.socket.send(b"hello")
    await until(lambda: inbox.socket.error_count)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
        game.bind(address)
        game.sendto(b"here I am", ("127.0.0.1", inbox.socket.port))
        await until(lambda: inbox.datagrams == [b"here I am"])


async def test_a_connected_socket_hears_only_the_game(inbox: Inbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
        game.bind(("127.0.0.1", 0))
        await inbox.socket.connect("127.0.0.1", game.getsockname()[1])
        send(b"stranger", inbox.socket.port)
        game.sendto(b"game", ("127.0.0.1", inbox.socket.port))
        await until(lambda: inbox.datagrams)
    assert inbox.datagrams == [b"game"]


@needs_ipv6
async def test_a_game_is_asked_on_both_families_until_it_answers(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as game:
        game.bind(("127.0.0.1", 0))
        game.setblocking(False)
        port = game.getsockname()[1]

        async def both(host: str, port: int, *, listen: bool) -> list[object]:
            return [
                (socket.AF_INET6, ("::1", port, 0, 0)),
                (socket.AF_INET, ("127.0.0.1", port)),
            ]

        monkeypatch.setattr(udp, "resolve", both)
        await inbox.socket.connect("localhost", port)
        inbox.socket.send(b"hello")
        loop = asyncio.get_running_loop()
        question, asker = await asyncio.wait_for(loop.sock_recvfrom(game, 100), 10)
        assert question == b"hello"
        game.sendto(b"yes", asker)
        await until(lambda: inbox.datagrams == [b"yes"])
        inbox.socket.send(b"more")
        assert (await asyncio.wait_for(loop.sock_recvfrom(game, 100), 10))[1] == asker


async def test_the_system_counts_what_it_drops(inbox: Inbox) -> None:
    await inbox.socket.listen("127.0.0.1", 0)
    drops = inbox.socket.kernel_drops()
    if drops is None:
        pytest.skip("this system does not count dropped datagrams")
    assert drops == 0
    assert inbox.socket.buffer_bytes > 0


async def test_a_taken_port_names_its_holder(inbox: Inbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        with pytest.raises(NetworkError) as caught:
            await inbox.socket.listen("127.0.0.1", port)
    assert f"UDP port {port} is held by " in caught.value.cause
    assert "--port" in caught.value.remedy
    assert caught.value.exit_code == 4


async def test_a_holder_that_may_not_be_known_is_another_program(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(kind: str) -> list[object]:
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil, "net_connections", refuse)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        with pytest.raises(NetworkError, match="held by another program"):
            await inbox.socket.listen("127.0.0.1", holder.getsockname()[1])


@pytest.mark.skipif(os.name == "nt", reason="Windows tells otherwise")
async def test_the_holder_is_told_by_name_and_process(inbox: Inbox) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        try:
            known = psutil.net_connections("udp")
        except psutil.Error:
            pytest.skip("this system keeps holders secret")
        if not any(connection.pid == os.getpid() for connection in known):
            pytest.skip("this system keeps holders secret")
        with pytest.raises(NetworkError, match=rf"\(pid {os.getpid()}\)"):
            await inbox.socket.listen("127.0.0.1", holder.getsockname()[1])


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.EACCES, "may not listen on UDP port 80"),
        (errno.EADDRNOTAVAIL, "127.0.0.1 is no address of this computer"),
        (errno.ENOBUFS, "Cannot listen on UDP port 80"),
    ],
)
async def test_other_refusals_are_explained(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch, number: int, cause: str
) -> None:
    def refuse(family: int, address: Address) -> socket.socket:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(udp, "bind", refuse)
    with pytest.raises(NetworkError, match=cause) as caught:
        await inbox.socket.listen("127.0.0.1", 80)
    assert caught.value.remedy


async def test_an_address_of_another_computer_is_refused(inbox: Inbox) -> None:
    with pytest.raises(NetworkError, match="no address of this computer"):
        await inbox.socket.listen("192.0.2.1", 0)


async def test_an_unknown_name_is_refused(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody(*args: object, **kwargs: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", nobody)
    with pytest.raises(NetworkError, match="No computer named 'gamepc'"):
        await inbox.socket.connect("gamepc", 9996)


async def test_a_port_beyond_the_range_is_refused(inbox: Inbox) -> None:
    with pytest.raises(NetworkError, match="99999 is no UDP port"):
        await inbox.socket.listen("127.0.0.1", 99_999)
