"""Where games are heard and asked: what the user wants, put together with what each
game does by itself."""

from __future__ import annotations

from collections.abc import Mapping

from ps_tui.decoders.registry import SourceSpec


class Places:
    """Ports to listen on, and games to ask.

    With ``is_auto`` there are many games: ``host`` is then that of those to be asked,
    and ``port`` the only one to listen on. Otherwise both are of the one game.
    """

    def __init__(
        self,
        specs: Mapping[str, SourceSpec],
        *,
        host: str | None,
        port: int | None,
        is_auto: bool,
    ) -> None:
        self._specs = specs
        self._host = host
        self._port = port
        self.is_auto = is_auto
        self.is_port_given = port is not None

    @property
    def bind_host(self) -> str | None:
        """Return the address to listen on; none means every one."""
        if self.is_auto:
            return None
        (spec,) = self._specs.values()
        return self._host if spec.asking is None else None

    @property
    def ports(self) -> list[int]:
        """Return the ports to listen on."""
        if self.is_auto:
            if self._port is not None:
                return [self._port]
            return list(
                dict.fromkeys(s.port for s in self._specs.values() if s.listens)
            )
        (spec,) = self._specs.values()
        if not spec.listens:
            return []
        return [spec.port if spec.asking is not None else self.port_of(spec)]

    def port_of(self, spec: SourceSpec) -> int:
        """Return where a game is to send."""
        return spec.port if self._port is None else self._port

    def labels_on(self, port: int) -> list[str]:
        """Return the games that send to a port."""
        return [
            spec.label
            for spec in self._specs.values()
            if spec.listens and self.port_of(spec) == port
        ]

    def is_asked(self, spec: SourceSpec) -> bool:
        """Say whether a game is to be asked."""
        if spec.asking is None or (self.is_auto and self._port is not None):
            return False
        return (self._host or spec.asking.host) is not None

    def game_of(self, spec: SourceSpec) -> tuple[str, int]:
        """Return host and port of a game that is to be asked."""
        asking = spec.asking
        assert asking is not None
        port = asking.port if self.is_auto else self._port
        return self._host or asking.host or "", asking.port if port is None else port
