"""A sender of native frames that does not mind whether anybody listens."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from collections.abc import AsyncIterator

from tests.support.telemetry import native_frame


@contextlib.asynccontextmanager
async def sending(port: int, pause_s: float = 0.0) -> AsyncIterator[None]:
    """Send native frames without a pause meanwhile, heard or not."""

    async def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for number in itertools.count():
                sender.sendto(native_frame(number), ("127.0.0.1", port))
                await asyncio.sleep(pause_s)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
