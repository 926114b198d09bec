"""Named math channels: how they read each other, and their values on a lap."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from ps_tui.analysis.arrays import Floats
from ps_tui.analysis.driven_lap import DrivenLap
from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.analysis.maths.evaluation import evaluate
from ps_tui.analysis.maths.functions import CONSTANTS, FUNCTIONS
from ps_tui.analysis.maths.parser import parse
from ps_tui.analysis.maths.tokens import MAX_NAME_LENGTH
from ps_tui.analysis.maths.tree import Node, names_in
from ps_tui.domain.channel import CHANNELS

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Formula(msgspec.Struct, frozen=True):
    """What a math channel is: a name to use in other formulas, a text, a unit."""

    name: str
    text: str
    unit: str = ""


class MathChannels:
    """A checked set of formulas in the order in which they can be evaluated.

    Raises FormulaError where a name or text is wrong or formulas go round in a
    circle.
    """

    def __init__(
        self, formulas: Iterable[Formula], channels: Collection[str] | None = None
    ) -> None:
        """``channels`` are those that formulas may read, by default all known."""
        self.formulas = {formula.name: formula for formula in formulas}
        raw = set(CHANNELS) if channels is None else set(channels)
        known = raw | set(self.formulas)
        for formula in self.formulas.values():
            check_name(formula.name)
        trees = {
            name: parse(formula.text, known) for name, formula in self.formulas.items()
        }
        self._trees = {name: trees[name] for name in _in_order(trees)}

    def __contains__(self, name: str) -> bool:
        return name in self._trees

    def needed(self, names: Iterable[str]) -> set[str]:
        """Return the plain channels that some math channels need in the end."""
        wanted, plain = self._with_inner(names), set[str]()
        for name in wanted:
            plain |= {one.key for one in names_in(self._trees[name])}
        return plain - set(self._trees)

    def values(
        self, names: Iterable[str], columns: Mapping[str, Any], time_s: Floats
    ) -> dict[str, Floats]:
        """Return the values of math channels over the frames of a lap.

        Raises FormulaError if a channel that they read was not sent.
        """
        asked = list(names)
        wanted = self._with_inner(asked)
        found: dict[str, Any] = dict(columns)
        for name, tree in self._trees.items():
            if name in wanted:
                found[name] = evaluate(tree, found, time_s)
        return {name: found[name] for name in asked}

    def _with_inner(self, names: Iterable[str]) -> set[str]:
        wanted: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in self._trees and name not in wanted:
                wanted.add(name)
                waiting += [one.key for one in names_in(self._trees[name])]
        return wanted


def usable(formulas: Iterable[Formula]) -> tuple[Formula, ...]:
    """Return the formulas that can be worked out, whatever is wrong with others."""
    waiting, kept = list(formulas), list[Formula]()
    try:
        MathChannels(waiting)
    except FormulaError:
        pass
    else:
        return tuple(waiting)
    while True:
        before = len(kept)
        for formula in list(waiting):
            try:
                MathChannels([*kept, formula])
            except FormulaError:
                continue
            kept.append(formula)
            waiting.remove(formula)
        if len(kept) == before:
            return tuple(kept)


def verify(formula: Formula, others: Iterable[Formula]) -> None:
    """Raise FormulaError unless a formula can be stored beside the others."""
    check_name(formula.name)
    MathChannels([*usable(others), formula])


def lap_values(
    channels: MathChannels, names: Iterable[str], driven: DrivenLap
) -> dict[str, Floats]:
    """Return math channels at each kept frame of a lap, as DrivenLap.channel does.

    Raises FormulaError if a channel that they read was not sent.
    """
    wanted = list(names)
    columns = {
        key: values
        for key in channels.needed(wanted)
        if (values := driven.channel(key)) is not None
    }
    return channels.values(wanted, columns, np.asarray(driven.time_ms) / 1000.0)


def check(text: str, known: Collection[str]) -> FormulaError | None:
    """Return what is wrong with a formula while it is typed, ``None`` if nothing."""
    try:
        parse(text, known)
    except FormulaError as error:
        return error
    return None


def check_name(name: str) -> None:
    """Raise FormulaError unless ``name`` can be used in formulas."""
    shown = name[:MAX_NAME_LENGTH]
    if len(name) > MAX_NAME_LENGTH or not _NAME.fullmatch(name):
        raise FormulaError(
            f"“{shown}” cannot be used as a name.",
            "Letters, digits and _, beginning with a letter, at most"
            f" {MAX_NAME_LENGTH} characters.",
        )
    if name in CHANNELS or name in CONSTANTS or name in FUNCTIONS:
        raise FormulaError(
            f"“{name}” is already a channel, constant or function.",
            "Choose another name.",
        )


def _in_order(trees: Mapping[str, Node]) -> list[str]:
    """Return names so that each comes after those that it reads."""
    reads = {
        name: {one.key: one for one in names_in(tree) if one.key in trees}
        for name, tree in trees.items()
    }
    order: dict[str, None] = {}
    for start in reads:
        path: dict[str, Iterator[str]] = {}
        if start not in order:
            path[start] = iter(reads[start])
        while path:
            name = next(reversed(path))
            inner = next(path[name], None)
            if inner is None:
                order[name] = None
                del path[name]
            elif inner in path:
                circle = [*list(path)[list(path).index(inner) :], inner]
                place = reads[name][inner]
                raise FormulaError(
                    f"Math channels go round in a circle: {' → '.join(circle)}.",
                    f"Let “{inner}” not be used by what it is made of.",
                    position=place.position,
                    length=len(inner),
                )
            elif inner not in order:
                path[inner] = iter(reads[inner])
    return list(order)
