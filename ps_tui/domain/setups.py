"""Values of setups as people write them, and what differs between two setups."""

from __future__ import annotations

from math import isfinite

import msgspec

from ps_tui.domain.garage import Parameter, Setup


class ParameterPair(msgspec.Struct, frozen=True):
    """One parameter in two setups; ``None`` where a setup does not have it."""

    key: str
    left: Parameter | None
    right: Parameter | None

    @property
    def differs(self) -> bool:
        return self.left != self.right

    @property
    def change(self) -> float | None:
        """Right minus left, where both are numbers of one unit."""
        left, right = self.left, self.right
        if left is None or right is None or left.units != right.units:
            return None
        if isinstance(left.value, str) or isinstance(right.value, str):
            return None
        return right.value - left.value


def compare_setups(left: Setup, right: Setup) -> list[ParameterPair]:
    """Return every parameter of either setup, in the order of the left one."""
    ours = {parameter.key: parameter for parameter in left.parameters}
    theirs = {parameter.key: parameter for parameter in right.parameters}
    keys = dict.fromkeys([*ours, *theirs])
    return [ParameterPair(key, ours.get(key), theirs.get(key)) for key in keys]


def parse_value(text: str) -> float | str:
    """Return a number where the text is one, else the text."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return text
    return number if isfinite(number) and "_" not in text else text


def value_text(value: float | str) -> str:
    """Write a value as a person types it: ``7`` and not ``7.0``."""
    if isinstance(value, str):
        return value
    return str(int(value)) if value == int(value) else repr(float(value))


def parameter_text(parameter: Parameter | None) -> str:
    """Write a value with its unit."""
    if parameter is None:
        return ""
    return f"{value_text(parameter.value)} {parameter.units}".rstrip()


def change_text(pair: ParameterPair) -> str:
    """Write a difference with its sign, ``only left`` or ``only right``."""
    if pair.left is None or pair.right is None:
        return "only left" if pair.right is None else "only right"
    change = pair.change
    if change is None or not change:
        return ""
    return f"{'+' if change > 0 else '-'}{value_text(abs(round(change, 9)))}"
