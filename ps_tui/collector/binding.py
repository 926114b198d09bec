"""Bound sockets with large buffers, and words for what stands in the way of one."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
import sys
from typing import Any

from ps_tui.domain.errors import NetworkError

Address = tuple[Any, ...]

RECEIVE_BUFFER_BYTES = 32 << 20
"""Asked for; most systems grant less. Over a second of 20,000 datagrams a second."""
NO_SUCH_ADDRESS = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)

_SO_RCVBUFFORCE = 33  # Linux, socket(7): above rmem_max, for privileged processes


async def resolve(host: str, port: int, *, listen: bool) -> list[tuple[int, Address]]:
    """Return (family, address) pairs of ``host``, one per family.

    Raises NetworkError for a name that nobody knows.
    """
    loop = asyncio.get_running_loop()
    try:
        infos = await loop.getaddrinfo(
            host,
            port,
            type=socket.SOCK_DGRAM,
            flags=socket.AI_PASSIVE if listen else 0,
        )
    except (socket.gaierror, UnicodeError) as error:
        raise NetworkError(
            f"No computer named {host!r} is known.",
            "Check the spelling of --host, or give its IP address.",
        ) from error
    by_family: dict[int, Address] = {}
    for family, _kind, _protocol, _name, address in infos:
        if family in (socket.AF_INET, socket.AF_INET6):
            by_family.setdefault(family, address)
    return list(by_family.items())


def refuse_bad_port(port: int) -> None:
    """Raise NetworkError for a number that is no port."""
    if not 0 <= port <= 65_535:
        raise NetworkError(f"{port} is no UDP port.", "Choose one between 1 and 65535.")


def every_address(port: int) -> list[tuple[int, Address]]:
    """Return what to bind to hear both families on every network."""
    if socket.has_dualstack_ipv6():
        return [(socket.AF_INET6, ("::", port, 0, 0))]
    return [(socket.AF_INET, ("0.0.0.0", port))]


def prepare(sock: socket.socket) -> None:
    """Make ``sock`` non-blocking with the largest buffer that the system grants."""
    sock.setblocking(False)
    size = RECEIVE_BUFFER_BYTES
    while size >= 64 << 10:
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, size)
            break
        except OSError:  # macOS refuses what is over its limit instead of capping
            size //= 2
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)


def bind(family: int, address: Address) -> socket.socket:
    """Return a bound, prepared socket. Raises OSError."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            is_wildcard = address[0] == "::"
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not is_wildcard)
        prepare(sock)
        sock.bind(address)
    except BaseException:
        sock.close()
        raise
    return sock


async def explain_bind(error: OSError, host: str | None, port: int) -> NetworkError:
    """Say why a port could not be bound, and what to do."""
    if error.errno == errno.EADDRINUSE:
        holder = await asyncio.to_thread(holder_of, port)
        return NetworkError(
            f"UDP port {port} is held by {holder}.",
            "Close it, choose another with --port, or let it forward the packets.",
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return NetworkError(
            f"This user may not listen on UDP port {port}.",
            "Choose a port from 1024 upward with --port.",
        )
    if error.errno in NO_SUCH_ADDRESS:
        return NetworkError(
            f"{host} is no address of this computer.",
            "Leave --host out to listen on every address.",
        )
    return NetworkError(
        f"Cannot listen on UDP port {port}: {error.strerror or error}.",
        "Choose another with --port.",
    )


def holder_of(port: int) -> str:
    """Name the program behind a taken port, as far as this user may know."""
    import psutil  # 20 ms that only this message needs

    try:
        for connection in psutil.net_connections("udp"):
            if connection.laddr and connection.laddr.port == port and connection.pid:
                name = psutil.Process(connection.pid).name()
                return f"{name} (pid {connection.pid})"
    except (psutil.Error, OSError):
        pass  # without privileges some systems tell nothing
    return "another program"
