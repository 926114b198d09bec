"""What the settings choose: whose telemetry is read, and who gets it passed on."""

from __future__ import annotations

from functools import partial

import msgspec

from ps_tui.collector.feed import AUTO
from ps_tui.collector.forward import Target, parse_target
from ps_tui.config import Settings
from ps_tui.decoders.registry import SOURCES, SourceSpec
from ps_tui.domain.errors import UsageError


def chosen_sources(settings: Settings) -> SourceSpec | dict[str, SourceSpec]:
    """Return the source that is asked for, or all of them. Raises UsageError."""
    if settings.source == AUTO:
        return {name: _with_options(spec, settings) for name, spec in SOURCES.items()}
    spec = SOURCES.get(settings.source)
    if spec is None:
        raise UsageError(
            f"There is no source {settings.source!r}.",
            f"Known: {', '.join((AUTO, *SOURCES))}.",
        )
    return _with_options(spec, settings)


def _with_options(spec: SourceSpec, settings: Settings) -> SourceSpec:
    if not spec.options:
        return spec
    options = {name: getattr(settings, name) for name in spec.options}
    make = partial(spec.make_decoder, **options)
    return msgspec.structs.replace(spec, make_decoder=make)


def targets(settings: Settings) -> tuple[Target, ...]:
    """Return who gets what arrives. Raises UsageError."""
    known = tuple(SOURCES)
    return (
        *(parse_target(text, known) for text in settings.forward),
        *(
            parse_target(text, known, is_native=True)
            for text in settings.forward_native
        ),
    )
