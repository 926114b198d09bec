"""Values of a formula over the frames of a lap."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.analysis.maths.functions import FUNCTIONS
from ps_tui.analysis.maths.tree import Binary, Call, Name, Node, Number, Unary


def _compared(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def compared(left: Any, right: Any) -> Any:
        unknown = np.isnan(left) | np.isnan(right)
        return np.where(unknown, np.nan, compare(left, right))

    return compared


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "%": np.mod,
    "^": np.power,
    "<": _compared(np.less),
    "<=": _compared(np.less_equal),
    ">": _compared(np.greater),
    ">=": _compared(np.greater_equal),
    "==": _compared(np.equal),
    "!=": _compared(np.not_equal),
}


def evaluate(node: Node, columns: Mapping[str, Any], time_s: Floats) -> Floats:
    """Return one value per frame; what is undefined or infinite is NaN.

    ``columns`` holds the channels by name, ``time_s`` the time of each frame, for
    derivative, integral and smoothing. A comparison is 1 or 0. Raises FormulaError
    if a channel is missing.
    """
    with np.errstate(all="ignore"):
        values = np.asarray(_value(node, columns, time_s), dtype=np.float64)
        result = np.array(np.broadcast_to(values, time_s.shape))
    result[~np.isfinite(result)] = np.nan
    return result


def _value(node: Node, columns: Mapping[str, Any], time_s: Floats) -> Any:
    match node:
        case Number():
            return np.float64(node.value)
        case Name():
            return _column(node, columns, time_s)
        case Unary():
            operand = _value(node.operand, columns, time_s)
            return np.negative(operand) if node.sign == "-" else operand
        case Binary():
            left = _value(node.left, columns, time_s)
            right = _value(node.right, columns, time_s)
            return _OPERATIONS[node.sign](left, right)
        case Call():
            function = FUNCTIONS[node.function]
            values = [_value(one, columns, time_s) for one in node.arguments]
            if function.needs_time:
                return function.call(time_s, *values)
            return function.call(*values)


def _column(node: Name, columns: Mapping[str, Any], time_s: Floats) -> Floats:
    values = columns.get(node.key)
    if values is None:
        raise FormulaError(
            f"The lap has no channel “{node.key}”.",
            "Choose a lap of a game that sends it.",
            position=node.position,
            length=len(node.key),
        )
    array = np.asarray(values, dtype=np.float64)
    if array.shape != time_s.shape:
        raise ValueError(f"{node.key} has {array.size} values, not {time_s.size}")
    return array
