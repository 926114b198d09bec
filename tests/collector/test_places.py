"""Which ports are listened on, and which games are asked where."""

from __future__ import annotations

import pytest

from ps_tui.collector.places import Places
from ps_tui.decoders.registry import SOURCES


def places(
    *names: str, host: str | None = None, port: int | None = None, auto: bool = False
) -> Places:
    specs = {name: SOURCES[name] for name in names}
    return Places(specs, host=host, port=port, is_auto=auto)


@pytest.mark.parametrize(("port", "heard"), [(None, 9997), (0, 0), (7000, 7000)])
def test_one_game_is_heard_where_the_user_says(port: int | None, heard: int) -> None:
    native = places("native", host="127.0.0.1", port=port)
    assert native.ports == [heard]
    assert native.bind_host == "127.0.0.1"
    assert native.labels_on(heard) == [SOURCES["native"].label]
    assert not native.is_asked(SOURCES["native"])


def test_a_game_that_is_asked_is_asked_where_the_user_says() -> None:
    spec = SOURCES["assetto-corsa"]
    assert spec.asking is not None
    by_default = places("assetto-corsa")
    assert by_default.ports == []
    assert by_default.is_asked(spec) == (spec.asking.host is not None)
    elsewhere = places("assetto-corsa", host="10.0.0.7", port=9600)
    assert elsewhere.is_asked(spec)
    assert elsewhere.bind_host is None
    assert elsewhere.game_of(spec) == ("10.0.0.7", 9600)
    assert places("assetto-corsa", host="ac").game_of(spec) == ("ac", spec.asking.port)


def test_in_auto_every_game_has_its_port_and_the_host_is_that_of_those_asked() -> None:
    spec = SOURCES["assetto-corsa"]
    assert spec.asking is not None
    every = places(*SOURCES, host="10.0.0.7", auto=True)
    assert set(every.ports) == {s.port for s in SOURCES.values() if s.listens}
    assert len(every.ports) == len(set(every.ports))
    assert every.bind_host is None
    assert every.game_of(spec) == ("10.0.0.7", spec.asking.port)


def test_a_port_in_auto_is_the_only_one_and_nobody_is_asked() -> None:
    one = places(*SOURCES, host="10.0.0.7", port=7000, auto=True)
    assert one.ports == [7000]
    assert len(one.labels_on(7000)) > 1
    assert not one.is_asked(SOURCES["assetto-corsa"])
