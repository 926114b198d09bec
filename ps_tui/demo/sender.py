"""Sends the demo drive to a collector: native datagrams, 60 a second."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time

from ps_tui.decoders.native_encoder import encode_native
from ps_tui.demo.driver import DEMO_CHANNELS, FRAMES_PER_SECOND, Driver
from ps_tui.domain.errors import NetworkError, UsageError

IDENTITY_EVERY = 2 * FRAMES_PER_SECOND
"""Frames between two that name car and track, for listeners that come late."""

_BEHIND_LIMIT_S = 0.5
"""After a longer stall, of a laptop asleep say, the drive goes on where it was."""


async def drive(
    host: str, port: int, *, pace: float = 1.0, seed: int | None = None
) -> None:
    """Drive and send until cancelled.

    ``pace`` multiplies real time. Without ``seed`` every drive differs. Raises
    NetworkError where ``host`` is unknown, UsageError for a pace of 0 or less.
    """
    if pace <= 0:
        raise UsageError(f"A pace of {pace:g} is not above 0.", "Give 1 or more.")
    loop = asyncio.get_running_loop()
    family, address = await _resolved(host, port)
    started_us = time.time_ns() // 1000
    chosen = started_us % 1_000_003 if seed is None else seed
    driver = await asyncio.to_thread(Driver, chosen, started_us=started_us)
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        due = loop.time()
        sequence = 0
        while True:
            identity = driver.identity if sequence % IDENTITY_EVERY == 0 else None
            sequence += 1
            datagram = encode_native(
                driver.step(), DEMO_CHANNELS, identity, sequence=sequence
            )
            # Lost datagrams are what UDP promises: the count shows them.
            with contextlib.suppress(OSError):
                sender.sendto(datagram, address)
            due += 1 / (FRAMES_PER_SECOND * pace)
            if due < loop.time() - _BEHIND_LIMIT_S:
                due = loop.time()
            await asyncio.sleep(max(due - loop.time(), 0))


async def _resolved(
    host: str, port: int
) -> tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, port, type=socket.SOCK_DGRAM
        )
    except (OSError, UnicodeError) as error:
        raise NetworkError(
            f"No computer named {host!r} is known.", "Give an IP address."
        ) from error
    family, _, _, _, address = found[0]
    return family, (str(address[0]), int(address[1]), *address[2:])
