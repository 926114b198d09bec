"""What a game has to be told of this computer, and what may keep packets out of it."""

from __future__ import annotations

import sys

from ps_tui.domain.diagnosis import LocalAddress

_ADDRESS_LIMIT = 64


def local_addresses() -> tuple[LocalAddress, ...]:
    """Return the addresses of this computer that a game may send to, IPv4 first."""
    import socket

    import psutil

    found = [
        LocalAddress(interface, each.address.partition("%")[0])
        for interface, addresses in psutil.net_if_addrs().items()
        for each in addresses
        if each.family in (socket.AF_INET, socket.AF_INET6)
        and not each.address.startswith(("fe80", "169.254."))
    ]
    found.sort(key=lambda each: (":" in each.address, each.address))
    return tuple(found[:_ADDRESS_LIMIT])


def firewall_hint(ports: tuple[int, ...], system: str = sys.platform) -> str:
    """Say how to let UDP pass to ``ports`` on an operating system."""
    if not ports:
        return (
            "No rule is needed here, as ps-tui asks the game: the computer of the game "
            "has to let UDP in, if it is another one."
        )
    listed = ",".join(str(port) for port in sorted(set(ports)))
    if system == "win32":
        return (
            "Windows: allow Python or ps-tui in Windows Security, Firewall, or as "
            "administrator: netsh advfirewall firewall add rule name=ps-tui dir=in "
            f"action=allow protocol=UDP localport={listed}"
        )
    if system == "darwin":
        return (
            "macOS: System Settings, Network, Firewall, Options: allow incoming "
            "connections for Python or your terminal."
        )
    return (
        "Linux, where a firewall is on: sudo ufw allow proto udp to any port "
        f"{listed}, or sudo firewall-cmd --add-port=PORT/udp for each."
    )
