"""From text to tree: a Pratt parser with limits on size and depth.

Binding, loosest first: comparisons, + and -, * / and %, signs, ^ (to the right).
Nothing is ever evaluated here, and only what :mod:`ps_tui.analysis.maths.tree`
names can come out.
"""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from math import isinf

import numpy as np

from ps_tui.analysis.maths.errors import FormulaError
from ps_tui.analysis.maths.evaluation import evaluate
from ps_tui.analysis.maths.functions import CONSTANTS, FUNCTIONS
from ps_tui.analysis.maths.tokens import Kind, Token, tokenize
from ps_tui.analysis.maths.tree import (
    MAX_DEPTH,
    MAX_NODES,
    Binary,
    Call,
    Name,
    Node,
    Number,
    Unary,
    names_in,
)

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_BINDING = dict.fromkeys(COMPARISONS, 10) | {
    "+": 20,
    "-": 20,
    "*": 30,
    "/": 30,
    "%": 30,
    "^": 50,
}
_SIGN_BINDING = 40


def parse(text: str, known: Collection[str] | None = None) -> Node:
    """Return the tree of a formula.

    ``known`` are the names of channels that may be used; without it any name may.
    Raises FormulaError.
    """
    return _Parser(tokenize(text), known).whole()


class _Parser:
    """Reads tokens from left to right; counts what it makes."""

    def __init__(self, tokens: list[Token], known: Collection[str] | None) -> None:
        self._tokens = tokens
        self._at = 0
        self._known = known
        self._node_count = 0

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def whole(self) -> Node:
        if self._next.kind is Kind.END:
            raise FormulaError("There is no formula.", "For example: speed / 3.6")
        node, _depth = self._expression(0, 1)
        token = self._next
        if token.kind is Kind.END:
            return node
        if token.text == ")":
            raise _wrong(token, "“)” closes nothing.", "Remove it or add a “(”.")
        if token.text == ",":
            raise _wrong(
                token,
                "“,” stands outside of a function.",
                "Write a point in numbers: 3.6",
            )
        raise _wrong(
            token,
            f"“{token.text}” follows without an operator.",
            "Put + - * / % or ^ between, for example 2 * speed.",
        )

    def _expression(self, least_binding: int, level: int) -> tuple[Node, int]:
        """Return an expression and the depth of its tree, ``level`` levels down."""
        self._check_depth(level)
        left, depth = self._operand(level)
        while (binding := _BINDING.get(self._next.text, 0)) > least_binding:
            token = self._take()
            if token.text in COMPARISONS and _is_comparison(left):
                raise _wrong(
                    token,
                    "Two comparisons in a row.",
                    "Write (a < b) * (b < c) for “b between a and c”.",
                )
            # A power binds to the right: 2^3^2 is 2^(3^2).
            inner = binding - 1 if token.text == "^" else binding
            right, right_depth = self._expression(inner, level + 1)
            depth = 1 + max(depth, right_depth)
            self._check_depth(level + depth - 1)
            left = self._count(Binary(token.text, left, right), token)
            if token.text == "^" and _has_no_value(left):
                raise _wrong(
                    token,
                    "This power has no value: it is too large, or not real.",
                    "Numbers go up to 1.8e308.",
                )
        return left, depth

    def _operand(self, level: int) -> tuple[Node, int]:
        token = self._take()
        if token.kind is Kind.NUMBER:
            return self._number(token), 1
        if token.kind is Kind.NAME:
            if self._next.text == "(":
                return self._call(token, level)
            return self._name(token), 1
        if token.text in {"-", "+"}:
            operand, depth = self._expression(_SIGN_BINDING, level + 1)
            return self._count(Unary(token.text, operand), token), depth + 1
        if token.text == "(":
            inner, depth = self._expression(0, level + 1)
            self._close(token)
            return inner, depth
        raise self._no_operand(token)

    def _no_operand(self, token: Token) -> FormulaError:
        if token.kind is Kind.END:
            return _wrong(
                token, "The formula ends too early.", "A number or channel is missing."
            )
        before = self._tokens[self._at - 2].text if self._at > 1 else ""
        if (before, token.text) in {("*", "*"), ("/", "/")}:
            remedy = "Powers are written ^." if before == "*" else "Divide by one /."
            return _wrong(token, f"“{before}{token.text}” is no operator.", remedy)
        return _wrong(
            token,
            f"“{token.text}” where a number or channel should be.",
            "Both sides of an operator need a value.",
        )

    def _number(self, token: Token) -> Node:
        value = float(token.text)
        if isinf(value):
            raise _wrong(token, "The number is too large.", "At most 1.8e308.")
        return self._count(Number(value), token)

    def _name(self, token: Token) -> Node:
        name = token.text
        if name in CONSTANTS:
            return self._count(Number(CONSTANTS[name]), token)
        if self._known is None or name in self._known:
            return self._count(Name(name, token.position), token)
        if name in FUNCTIONS:
            raise _wrong(
                token,
                f"“{name}” is a function.",
                f"Give it what it works on: {FUNCTIONS[name].help}.",
            )
        raise _wrong(
            token,
            f"There is no channel “{name}”.",
            _nearest(name, (*self._known, *CONSTANTS)),
        )

    def _call(self, token: Token, level: int) -> tuple[Node, int]:
        name = token.text
        function = FUNCTIONS.get(name)
        if function is None:
            raise _wrong(
                token, f"There is no function “{name}”.", _nearest(name, FUNCTIONS)
            )
        opening = self._take()
        arguments: list[Node] = []
        depth = 0
        while self._next.text != ")" or arguments:
            argument, argument_depth = self._expression(0, level + 1)
            arguments.append(argument)
            depth = max(depth, argument_depth)
            if self._next.text != ",":
                break
            self._take()
        self._close(opening)
        if not function.least <= len(arguments) <= function.most:
            raise _wrong(
                token,
                f"{name} takes {_counted(function.least, function.most)},"
                f" not {len(arguments)}.",
                f"{function.help}.",
            )
        return self._count(Call(name, tuple(arguments), token.position), token), (
            depth + 1
        )

    def _close(self, opening: Token) -> None:
        token = self._take()
        if token.text == ")":
            return
        if token.kind is Kind.END:
            raise _wrong(opening, "This “(” is not closed.", "Add a “)”.")
        raise _wrong(
            token,
            f"“{token.text}” follows without an operator.",
            "Put + - * / % or ^ between, or close the “(”.",
        )

    def _take(self) -> Token:
        token = self._tokens[self._at]
        if token.kind is not Kind.END:
            self._at += 1
        return token

    def _count(self, node: Node, token: Token) -> Node:
        self._node_count += 1
        if self._node_count > MAX_NODES:
            raise _wrong(
                token,
                f"The formula has more than {MAX_NODES} parts.",
                "Divide it into several math channels.",
            )
        return node

    def _check_depth(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise _wrong(
                self._next,
                f"The formula is nested more than {MAX_DEPTH} deep.",
                "Divide it into several math channels.",
            )


def _has_no_value(node: Node) -> bool:
    """Say whether plain numbers alone come to nothing that can be drawn."""
    if any(True for _name in names_in(node)):
        return False
    return bool(np.isnan(evaluate(node, {}, np.arange(2.0))).any())


def _is_comparison(node: Node) -> bool:
    return isinstance(node, Binary) and node.sign in COMPARISONS


def _wrong(token: Token, cause: str, remedy: str) -> FormulaError:
    return FormulaError(cause, remedy, position=token.position, length=len(token.text))


def _nearest(name: str, known: Collection[str]) -> str:
    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), by_lower, n=1)
    if found:
        return f"Did you mean {by_lower[found[0]]}?"
    some = ", ".join(sorted(known)[:6])
    return f"There are {some} …" if some else "None is known here."


def _counted(least: int, most: int) -> str:
    count = f"{least}" if least == most else f"{least} to {most}"
    return f"{count} value{'' if count == '1' else 's'}"
