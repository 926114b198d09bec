"""Cars with their parts and setups, saved plots, and channels made of formulas.

Days are ISO 8601 text, times integer UTC microseconds.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Parameter(msgspec.Struct, frozen=True):
    """One value of a setup: what is turned, how far, in what."""

    key: str
    value: float | str
    units: str = ""


class VehicleDraft(msgspec.Struct, frozen=True):
    """What a person fills in about a car."""

    name: str
    description: str | None = None
    tags: tuple[str, ...] = ()
    in_service_date: str | None = None
    out_of_service_date: str | None = None


class Vehicle(msgspec.Struct, frozen=True):
    """A racing car. ``session_count`` tells how often it was driven."""

    id: str
    name: str
    created_us: int
    description: str | None = None
    tags: tuple[str, ...] = ()
    in_service_date: str | None = None
    out_of_service_date: str | None = None
    configuration_count: int = 0
    setup_count: int = 0
    session_count: int = 0
    deleted_us: int | None = None


class ConfigurationDraft(msgspec.Struct, frozen=True):
    """A named parts list: part to what is fitted."""

    name: str
    description: str | None = None
    parts: dict[str, str] = {}


class Configuration(msgspec.Struct, frozen=True):
    """A parts list of a car, as stored."""

    id: str
    vehicle_id: str
    name: str
    created_us: int
    description: str | None = None
    parts: dict[str, str] = {}
    deleted_us: int | None = None


class SetupDraft(msgspec.Struct, frozen=True):
    """A named set of parameters, for one parts list or for any."""

    name: str
    configuration_id: str | None = None
    description: str | None = None
    parameters: tuple[Parameter, ...] = ()


class Setup(msgspec.Struct, frozen=True):
    """A set of parameters of a car, as stored."""

    id: str
    vehicle_id: str
    name: str
    created_us: int
    configuration_id: str | None = None
    description: str | None = None
    parameters: tuple[Parameter, ...] = ()
    deleted_us: int | None = None


class PlotLayoutDraft(msgspec.Struct, frozen=True):
    """What a plot screen wants to find again."""

    name: str
    description: str | None = None
    configs: list[dict[str, Any]] = []
    """One entry for each plot."""
    layout: dict[str, Any] = {}
    """Where the plots stand on the screen."""


class PlotLayout(msgspec.Struct, frozen=True):
    """A saved arrangement of plots. One at most is the default."""

    id: str
    name: str
    created_us: int
    description: str | None = None
    configs: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    is_default: bool = False
    deleted_us: int | None = None


class MathChannelDraft(msgspec.Struct, frozen=True):
    """A channel computed from others. The formula is text here, nothing more."""

    name: str
    formula: str
    unit: str | None = None


class MathChannel(msgspec.Struct, frozen=True):
    """A user's own channel, as stored. Its name is unique among them."""

    id: str
    name: str
    formula: str
    created_us: int
    unit: str | None = None
    deleted_us: int | None = None
