"""The only things a formula can be made of."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

MAX_DEPTH = 64
MAX_NODES = 512


class Number(msgspec.Struct, frozen=True, gc=False):
    value: float


class Name(msgspec.Struct, frozen=True, gc=False):
    """A channel or another math channel."""

    key: str
    position: int


class Unary(msgspec.Struct, frozen=True):
    """``sign`` is ``-`` or ``+``."""

    sign: str
    operand: Node


class Binary(msgspec.Struct, frozen=True):
    sign: str
    left: Node
    right: Node


class Call(msgspec.Struct, frozen=True):
    """``function`` is a key of the table of functions."""

    function: str
    arguments: tuple[Node, ...]
    position: int


Node = Number | Name | Unary | Binary | Call


def names_in(node: Node) -> Iterator[Name]:
    """Yield the channels that a formula reads, in the order of its text."""
    match node:
        case Name():
            yield node
        case Unary():
            yield from names_in(node.operand)
        case Binary():
            yield from names_in(node.left)
            yield from names_in(node.right)
        case Call():
            for argument in node.arguments:
                yield from names_in(argument)
        case Number():
            return
