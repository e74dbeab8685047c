"""Every way to break one operator, bound or number of a module, as source text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

_OPERATORS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
_CALLS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change: its name, without line numbers, and the source text with it."""

    name: str
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Give every mutant of a module; annotations, decorators and docstrings stay."""
    tree = ast.parse(source)
    seen: dict[str, int] = {}
    for function, node in _places(tree, "module"):
        for change in _changes(node):
            before = ast.unparse(node)
            with_it = _with(tree, node, change)
            name = f"{function}: {before} -> {ast.unparse(change)}"
            seen[name] = seen.get(name, 0) + 1
            number = f" (no. {seen[name]})" if seen[name] > 1 else ""
            yield Mutant(name + number, ast.unparse(with_it))


def _places(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                inner = child.name if isinstance(child, ast.FunctionDef) else function
                yield inner, child
                yield from _places(child, inner)


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in _OPERATORS:
            yield _copy(node, op=_OPERATORS[type(op)]())
        case ast.Compare(ops=ops):
            for at, operator in enumerate(ops):
                if type(operator) in _OPERATORS:
                    other = _OPERATORS[type(operator)]()
                    yield _copy(node, ops=[*ops[:at], other, *ops[at + 1 :]])
        case ast.UnaryOp(operand=operand):
            yield deepcopy(operand)
        case ast.Call(func=ast.Name(id=called)) if called in _CALLS:
            yield _copy(node, func=ast.Name(_CALLS[called], ast.Load()))
        case ast.Constant(value=int() as value):
            yield ast.Constant(not value if isinstance(value, bool) else value + 1)


def _copy(node: ast.AST, **fields: object) -> ast.AST:
    other = deepcopy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _with(tree: ast.Module, node: ast.AST, change: ast.AST) -> ast.Module:
    class Swap(ast.NodeTransformer):
        def visit(self, at: ast.AST) -> ast.AST:
            return change if at is node else self.generic_visit(at)

    # The nodes must be the same objects to be found, so the tree is changed and changed back.
    swapped = ast.fix_missing_locations(Swap().visit(tree))
    text = ast.unparse(swapped)

    class Back(ast.NodeTransformer):
        def visit(self, at: ast.AST) -> ast.AST:
            return node if at is change else self.generic_visit(at)

    Back().visit(tree)
    return ast.parse(text)
