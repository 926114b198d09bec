"""Settings: defaults, then the TOML file, then ``PS_TUI_*`` variables, then flags."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from ps_tui.domain.errors import UsageError

ENVIRONMENT_PREFIX = "PS_TUI_"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person may set. Each field is a key of the file and of the environment."""

    db: Path | None = None
    """Database file; by default ``purple-sector.db`` in the user's data folder."""
    backup_copy_to: Path | None = None
    """A second folder for each backup: a USB stick, a share; it may be away."""
    source: str = "auto"
    """Whose telemetry to read: a name that ``ps-tui collect --help`` lists, or
    ``auto`` for whichever game sends."""
    host: str | None = None
    """Address of the game where the game is to be asked, else to listen on."""
    port: Annotated[int, Meta(ge=0, le=65535)] | None = None
    """UDP port; by default the usual one of the source."""
    forward: tuple[str, ...] = ()
    """``HOST:PORT`` or ``SOURCE=HOST:PORT``: who gets each packet as it came."""
    forward_native: tuple[str, ...] = ()
    """The same for decoded frames, which another ps-tui can watch."""
    steering_lock_deg: Annotated[float, Meta(gt=0, le=3600)] = 900.0
    """Lock to lock of the wheel, for games that send an angle."""
    fps: Annotated[int, Meta(ge=1, le=60)] = 30
    """Frames a second that the Live screen draws."""
    ascii: bool = False
    """Draw without braille and block characters."""
    speed_unit: Literal["km/h", "mph"] = "km/h"
    """How speeds are shown; what is stored and exported stays in km/h."""
    temperature_unit: Literal["°C", "°F"] = "°C"
    """How temperatures are shown; what is stored and exported stays in °C."""
    theme: str = "purple-sector"
    """Colours of the screens; one that is not known falls back to the first."""
    keys: dict[str, str] = {}
    """Binding id to key, for remapping."""


def config_path() -> Path:
    """Return where the settings file is looked for."""
    from platformdirs import user_config_path

    return user_config_path("ps-tui", appauthor=False) / "config.toml"


def data_path() -> Path:
    """Return the folder of the embedded databases."""
    from platformdirs import user_data_path

    return user_data_path("ps-tui", appauthor=False)


def log_path() -> Path:
    """Return the folder of the log file."""
    from platformdirs import user_log_path

    return user_log_path("ps-tui", appauthor=False)


def load_settings(
    flags: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    path: Path | None = None,
) -> Settings:
    """Merge all sources of settings; flags that are ``None`` were not given.

    Raises UsageError that names the file or variable, the key and the nearest
    valid one.
    """
    environment = os.environ if environment is None else environment
    merged: dict[str, Any] = {}
    merged.update(_from_file(path))
    merged.update(_from_environment(environment))
    merged.update({key: value for key, value in flags.items() if value is not None})
    return _convert(merged, "the command line")


def _from_file(path: Path | None) -> dict[str, Any]:
    file = path or config_path()
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        if path is not None:
            raise UsageError(
                f"There is no settings file {path}.", "Check the path after --config."
            ) from None
        return {}
    except OSError as error:
        raise UsageError(
            f"The settings file {file} cannot be read: {error.strerror}.",
            "Make it readable, or move it away.",
        ) from error
    import tomllib

    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is not valid TOML: {error}.", "Correct it.") from None
    _convert(values, str(file))
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(Settings):
        name = ENVIRONMENT_PREFIX + field.name.upper()
        if field.name != "keys" and (text := environment.get(name)):
            is_list = isinstance(field.default, tuple)
            values[field.name] = text.replace(",", " ").split() if is_list else text
            _convert({field.name: values[field.name]}, name)
    return values


def _convert(values: dict[str, Any], origin: str) -> Settings:
    known = [field.name for field in msgspec.structs.fields(Settings)]
    for key in values:
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(key, known, n=1)
            hint = (
                f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            )
            raise UsageError(f"{origin}: there is no setting {key!r}.", hint)
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=_to_path)
    except msgspec.ValidationError as error:
        raise UsageError(f"{origin}: {error}.", "Correct the value.") from None


def _to_path(kind: type, value: object) -> Path:
    """Read what msgspec does not know by itself; only paths are such."""
    if kind is not Path or not isinstance(value, str | Path):
        raise TypeError(f"Expected `str`, got `{type(value).__name__}`")
    return Path(value).expanduser()
