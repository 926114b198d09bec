"""The settings file as a person keeps it: one value changed, the rest as it was.

Comments, order and spelling of a file survive; what is written is read again before
it takes the place of the old file in one step.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ps_tui.config import (
    ENVIRONMENT_PREFIX,
    Settings,
    config_path,
    load_settings,
)
from ps_tui.domain.errors import UsageError


class SettingsFile:
    """The settings in force, where each comes from, and the file they are kept in.

    ``flags`` are those of the command line, ``check`` refuses settings that no
    program could start with by raising UsageError. ``choices`` lists the values of
    a setting where only some make sense.
    """

    def __init__(
        self,
        flags: Mapping[str, Any],
        *,
        path: Path | None = None,
        environment: Mapping[str, str] | None = None,
        check: Callable[[Settings], None] = lambda _settings: None,
        choices: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.path = path or config_path()
        self.flags = {key: flag for key, flag in flags.items() if flag is not None}
        self.environment = os.environ if environment is None else environment
        self.choices = choices or {}
        self._check = check
        self.current = self._read()

    def origin(self, key: str) -> str:
        """Say where a setting comes from: a flag, a variable, the file, nowhere."""
        if key in self.flags:
            return f"--{key.replace('_', '-')}"
        variable = ENVIRONMENT_PREFIX + key.upper()
        if key != "keys" and self.environment.get(variable):
            return variable
        return "file" if key in self._values() else "default"

    def save(self, changes: Mapping[str, Any]) -> Settings:
        """Keep these values in the file; ``None`` goes back to the default.

        Returns the settings now in force. Raises UsageError, with the file
        untouched, for a value that is not valid, for one that a flag or a variable
        would hide, and where the file cannot be written.
        """
        for key in changes:
            origin = self.origin(key)
            if origin not in ("file", "default"):
                raise UsageError(
                    f"{origin} says what {key} is, whatever the file holds.",
                    "Start without it to change this here.",
                )
        plain = {key: _plain(value) for key, value in changes.items()}
        text = edited(self._text(), plain)
        wanted = self._values() | plain
        wanted = {key: value for key, value in wanted.items() if value is not None}
        try:
            found = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            found = {}
        if found != wanted:
            raise UsageError(
                f"{self.path} is written in a way that cannot be changed from here.",
                "Change it with an editor.",
            )
        self._check(_valid(wanted))
        self._replace(text)
        self.current = self._read()
        return self.current

    def _read(self) -> Settings:
        path = self.path if self.path.exists() else Path(os.devnull)
        return load_settings(self.flags, environment=self.environment, path=path)

    def _text(self) -> str:
        try:
            return self.path.read_text("utf-8")
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be read: {error.strerror}.", "Make it readable."
            ) from error

    def _values(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text())
        except tomllib.TOMLDecodeError as error:
            raise UsageError(
                f"{self.path} is not valid TOML: {error}.", "Correct it."
            ) from None

    def _replace(self, text: str) -> None:
        target = self.path.resolve()
        temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileNotFoundError):
                shutil.copymode(target, temporary)
            temporary.replace(target)
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot be written: {error.strerror}.",
                "Nothing was changed. Make the folder writable.",
            ) from error
        finally:
            temporary.unlink(missing_ok=True)


def _valid(values: Mapping[str, Any]) -> Settings:
    return load_settings(values, environment={}, path=Path(os.devnull))


def _plain(value: Any) -> Any:
    """Return a value as TOML has it; an empty table is none at all."""
    if value == {}:
        return None
    return list(value) if isinstance(value, tuple) else _text_of_path(value)


def _text_of_path(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


class _Part(NamedTuple):
    """Some lines of a file. ``owner`` is the top-level key that they belong to."""

    text: str
    owner: str = ""
    is_header: bool = False


def edited(text: str, changes: Mapping[str, Any]) -> str:
    """Return TOML with these top-level keys changed, or left out for ``None``."""
    parts = list(_parts(text))
    for key, value in changes.items():
        mine = [index for index, part in enumerate(parts) if part.owner == key]
        if isinstance(value, dict):
            rows = "".join(
                f"{_written(name)} = {_written(one)}\n" for name, one in value.items()
            )
            made = _Part(f"[{key}]\n{rows}", key, is_header=True)
        else:
            note = _note(parts[mine[0]].text) if mine else ""
            made = _Part(f"{key} = {_written(value)}{note}\n", key)
        is_at_end = made.is_header and not any(parts[i].is_header for i in mine)
        first = next((i for i, part in enumerate(parts) if part.is_header), len(parts))
        place = len(parts) if is_at_end else mine[0] if mine else first
        kept = [part for i, part in enumerate(parts) if i not in mine]
        if value is not None:
            kept.insert(place - sum(index < place for index in mine), made)
        parts = kept
    ended = [
        part.text if part.text.endswith("\n") else part.text + "\n" for part in parts
    ]
    return "".join(ended)


def _parts(text: str) -> Iterator[_Part]:
    """Cut a valid file into comments, headers and assignments, in their order."""
    # Not splitlines: a text may hold other signs that end a line, TOML knows one.
    ends = text.removesuffix("\n").split("\n") if text else []
    lines = [f"{line}\n" for line in ends]
    table, index = "", 0
    while index < len(lines):
        line = lines[index].strip()
        if not line or line.startswith("#"):
            yield _Part(lines[index])
            index += 1
            continue
        end = index + 1
        while (found := _parsed("".join(lines[index:end]))) is None:
            if end == len(lines):
                yield _Part("".join(lines[index:]))
                return
            end += 1
        key = next(iter(found))
        chunk = "".join(lines[index:end])
        if line.startswith("["):
            table = key
            yield _Part(chunk, key, is_header=True)
        else:
            yield _Part(chunk, table or key)
        index = end


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text) or None
    except tomllib.TOMLDecodeError:
        return None


def _note(line: str) -> str:
    """Return the comment behind an assignment of one line."""
    line = line.rstrip("\r\n")
    for place, sign in enumerate(line):
        if sign == "#" and _parsed(line[:place]) is not None:
            return f"  {line[place:]}"
    return ""


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
