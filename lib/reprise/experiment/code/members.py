"""Single members of a class: a study's `collect` is part of a key, and the tables beside it are not.

A member leads to what it reads, and to the members that it takes of its first argument. Where that argument
is used in any other way (handed on, `super()`), the class counts whole.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from reprise.experiment.code.module import Piece, read_piece
from reprise.experiment.code.names import bound_in, dotted


@dataclass
class Member:
    """The statements that bind a member, the other members that they take, and whether they need the whole
    class."""

    pieces: list[Piece] = field(default_factory=list)
    takes: set[str] = field(default_factory=set)
    whole: bool = False


def read_members(text: bytes, name: str, package: str, ours: frozenset[str]) -> dict[str, Member]:
    """The members of the class of that name at the top of a module; see `module.read_module` for the rest."""
    body = [s for c in ast.parse(text).body if isinstance(c, ast.ClassDef) and c.name == name for s in c.body]
    members: dict[str, Member] = {}
    for statement in body:
        for bound in bound_in([statement]):
            member = members.setdefault(bound, Member())
            member.pieces.append(read_piece(statement, package, ours))
            _take(statement, member)
    return members


def _take(statement: ast.stmt, member: Member) -> None:
    if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        # in the body of a class its names can be used as they are
        member.takes |= {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
        return
    arguments = [*statement.args.posonlyargs, *statement.args.args]
    first = arguments[0].arg if arguments else ""
    inner = {id(n.value) for n in ast.walk(statement) if isinstance(n, ast.Attribute)}
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and (dotted(node) or "").partition(".")[0] == first:
            member.takes.add((dotted(node) or "").split(".")[1])
        elif (
            isinstance(node, ast.Name) and node.id in (first, "super", "__class__") and id(node) not in inner
        ):
            member.whole = True
