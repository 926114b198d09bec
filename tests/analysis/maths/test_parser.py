from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ps_tui.analysis.maths.channels import check
from ps_tui.analysis.maths.functions import FUNCTIONS
from ps_tui.analysis.maths.parser import parse
from ps_tui.analysis.maths.tokens import MAX_LENGTH
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
from ps_tui.domain.errors import UsageError

KNOWN = {"speed", "throttle", "brake"}
WORDS = (*"+-*/%^(),< ", "1", "2.5", "speed", "max", "sin", "if", "==", "e", "pi")


def written(node: Node) -> str:
    """Write a tree with all its parentheses."""
    match node:
        case Number():
            return f"{node.value:g}"
        case Name():
            return node.key
        case Unary():
            return f"({node.sign}{written(node.operand)})"
        case Binary():
            return f"({written(node.left)}{node.sign}{written(node.right)})"
        case Call():
            return f"{node.function}({','.join(map(written, node.arguments))})"


@pytest.mark.parametrize(
    ("text", "position"), [("9^9^9^9", 3), ("1 + 10^400", 6), ("speed^(2^9999)", 8)]
)
def test_a_huge_power_is_refused(text: str, position: int) -> None:
    error = check(text, KNOWN)
    assert error is not None
    assert "too large" in error.cause
    assert error.position == position


@pytest.mark.parametrize("text", ["speed^9999", "2^speed^speed", "10^300", "0.5^9999"])
def test_a_power_that_may_have_a_value_is_read(text: str) -> None:
    assert check(text, KNOWN) is None


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("1 + 2 * 3", "(1+(2*3))"),
        ("(1 + 2) * 3", "((1+2)*3)"),
        ("8 - 3 - 2", "((8-3)-2)"),
        ("8 / 4 % 3", "((8/4)%3)"),
        ("2 ^ 3 ^ 2", "(2^(3^2))"),
        ("-2 ^ 2", "(-(2^2))"),
        ("2 ^ -1", "(2^(-1))"),
        ("-speed * 2", "((-speed)*2)"),
        ("--1", "(-(-1))"),
        ("a + 1 < b * 2", "((a+1)<(b*2))"),
        ("max(a, b + 1)", "max(a,(b+1))"),
        ("sqrt(a^2 + b^2)", "sqrt(((a^2)+(b^2)))"),
        (".5 + 1e3 + 2.", "((0.5+1000)+2)"),
        ("random()", "random()"),
        ("1>=2", "(1>=2)"),
    ],
)
def test_binding(text: str, tree: str) -> None:
    assert written(parse(text)) == tree


def test_constants_and_names() -> None:
    assert parse("pi") == Number(math.pi)
    assert parse("e") == Number(math.e)
    assert [name.key for name in names_in(parse("a + max(b, -c) * a"))] == list("abca")


@pytest.mark.parametrize(
    ("text", "position", "length", "remedy"),
    [
        ("", 0, 1, "For example"),
        ("   ", 0, 1, "For example"),
        ("speed.__class__", 5, 1, "Names have no parts"),
        ("__import__('os')", 11, 1, "no texts"),
        ("speed[0]", 5, 1, "round"),
        ("1 +", 3, 1, "missing"),
        ("(1 + 2", 0, 1, "Add a “)”"),
        ("1 + 2)", 5, 1, "Remove"),
        ("2 speed", 2, 5, "2 * speed"),
        ("speed ** 2", 7, 1, "^"),
        ("speed // 2", 7, 1, "one /"),
        ("sped", 0, 4, "speed"),
        ("Speed", 0, 5, "speed"),
        ("1 < 2 < 3", 6, 1, "(a < b) * (b < c)"),
        ("sin", 0, 3, "sin(x)"),
        ("sin()", 0, 3, "sin(x)"),
        ("sin(1, 2)", 0, 3, "sin(x)"),
        ("sni(1)", 0, 3, "sin"),
        ("speed = 1", 6, 1, "=="),
        ("1e999", 0, 5, "1.8e308"),
        ("3,6", 1, 1, "point"),
        ("sin(1,)", 6, 1, "value"),
        ("lambda: 1", 6, 1, ""),
        ("eval(1)", 0, 4, "There are abs"),
        ("'a'", 0, 1, "no texts"),
        ("a\x00b", 1, 1, ""),
        ("speed\u2212 1", 5, 1, "Write -"),
        ("speed²", 5, 1, "^2"),
    ],
)
def test_errors_say_where_and_what_to_do(
    text: str, position: int, length: int, remedy: str
) -> None:
    error = check(text, KNOWN)
    assert error is not None
    assert (error.position, error.length) == (position, length)
    assert remedy in error.remedy
    assert isinstance(error, UsageError)


def test_hostile_formulas_are_refused_by_size() -> None:
    for text, cause in (
        ("1" * 1_000_000, "too long"),
        ("(" * 1_000_000, "too long"),
        ("1+" * 500_000 + "1", "too long"),
        ("(" * 1000 + "1" + ")" * 1000, "deep"),
        ("-" * 1000 + "1", "deep"),
        ("2^" * 1000 + "2", "deep"),
        ("1+" * 1000 + "1", "deep"),
        ("sin(" * 500 + "1" + ")" * 500, "deep"),
        ("x" * 4000, "too long for a name"),
        ("max(" + ",".join(["1"] * 1000) + ")", "parts"),
    ):
        error = check(text, KNOWN)
        assert error is not None
        assert cause in error.cause


def test_limits_are_reached_exactly() -> None:
    assert check("(" * (MAX_DEPTH - 1) + "1" + ")" * (MAX_DEPTH - 1), ()) is None
    assert check("+".join(["1"] * MAX_DEPTH), ()) is None
    assert check("+".join(["1"] * (MAX_DEPTH + 1)), ()) is not None
    # A bushy tree: 256 numbers and 255 additions.
    bushy = ["1"] * 256
    while len(bushy) > 1:
        bushy = [f"({a}+{b})" for a, b in zip(bushy[::2], bushy[1::2], strict=True)]
    assert MAX_NODES > 2 * 256 - 1
    assert check(bushy[0], ()) is None
    assert check(f"{bushy[0]}+1", ()) is not None
    assert check("1" + " " * (MAX_LENGTH - 1), ()) is None
    assert check("1" + " " * MAX_LENGTH, ()) is not None


@given(st.text(max_size=200))
def test_any_text_is_a_tree_or_an_error_within_it(text: str) -> None:
    error = check(text, KNOWN)
    if error is not None:
        assert 0 <= error.position <= len(text)
        assert error.cause


@given(
    st.lists(
        st.sampled_from(WORDS),
        max_size=60,
    )
)
def test_any_row_of_words_is_a_tree_or_an_error(words: list[str]) -> None:
    text = "".join(words)
    error = check(text, KNOWN)
    if error is not None:
        assert 0 <= error.position <= len(text)
        return
    tree = written(parse(text, KNOWN))
    assert written(parse(tree)) == tree


def test_every_function_explains_itself() -> None:
    for name, function in FUNCTIONS.items():
        assert function.help.startswith(f"{name}(")
