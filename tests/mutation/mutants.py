"""Every way to break one operator, bound, number or condition of a module, as source text."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

_OPERATORS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
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
#: Names that are called, and what is called in their place.
_CALLS: Final = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
    "minimum": "maximum",
    "maximum": "minimum",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
}
_BOUNDS: Final = {"low": "high", "high": "low"}
_CERTAINTIES: Final = {"yes": "possible", "possible": "yes", "no": "possible"}
#: Where no value is computed.
_WITHOUT_VALUES: Final = frozenset({"annotation", "returns", "decorator_list"})
_CONDITIONS: Final = frozenset({"test", "ifs"})


@dataclass(frozen=True)
class Mutant:
    """One change: its name, without line numbers, and the source text with it."""

    name: str
    source: str


def mutants(source: str, wanted: Container[str] | None = None) -> Iterator[Mutant]:
    """Give every mutant of a module, or those whose names are wanted.

    Annotations, decorators and docstrings stay.
    """
    tree = ast.parse(source)
    for name, node, change in _named(tree):
        if wanted is None or name in wanted:
            yield Mutant(name, _with(tree, node, change))


def names_of_mutants(source: str) -> Iterator[str]:
    """Give the names alone, which takes a tenth of the time."""
    return (name for name, _, _ in _named(ast.parse(source)))


def _named(tree: ast.Module) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Give the name of each mutant, the node that it changes, and to what."""
    seen: dict[str, int] = {}
    for function, node, is_condition in _places(tree, "module"):
        for change in _changes(node, is_condition=is_condition):
            name = f"{function}: {ast.unparse(node)} -> {ast.unparse(change)}"
            seen[name] = seen.get(name, 0) + 1
            yield name + (f" (no. {seen[name]})" if seen[name] > 1 else ""), node, change


def _places(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST, bool]]:
    """Give each node with the function that it stands in, and whether it decides a branch."""
    for name, value in ast.iter_fields(node):
        if name in _WITHOUT_VALUES:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_without_value(child):
                inner = child.name if isinstance(child, ast.FunctionDef) else function
                yield inner, child, name in _CONDITIONS
                yield from _places(child, inner)


def _is_without_value(node: ast.AST) -> bool:
    """Say whether a part only names types, or only guards: ``strict`` of zip."""
    match node:
        case ast.keyword(arg="strict") | ast.Subscript(value=ast.Name(id="Literal")):
            return True
    return False


def _changes(node: ast.AST, *, is_condition: bool) -> Iterator[ast.AST]:
    yield from _changed_operators(node)
    yield from _changed_calls(node)
    yield from _changed_values(node)
    if is_condition and isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        yield ast.UnaryOp(ast.Not(), deepcopy(node))


def _changed_operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(op=op) | ast.BoolOp(op=op) | ast.AugAssign(op=op) if type(op) in _OPERATORS:
            yield _copy(node, op=_OPERATORS[type(op)]())
        case ast.Compare(ops=ops):
            for at, operator in enumerate(ops):
                if type(operator) in _OPERATORS:
                    other = _OPERATORS[type(operator)]()
                    yield _copy(node, ops=[*ops[:at], other, *ops[at + 1 :]])
        case ast.UnaryOp(operand=operand):
            yield deepcopy(operand)


def _changed_calls(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Call(func=ast.Name(id="sum"), args=[added, *start]):
            # The largest of what was added up.
            first = start[0] if start else ast.Constant(0)
            each = ast.Starred(deepcopy(added), ast.Load())
            together = ast.Tuple([each, deepcopy(first)], ast.Load())
            yield ast.Call(ast.Name("max", ast.Load()), [together], [])
        case ast.Call(func=ast.Name(id=called)) if called in _CALLS:
            yield _copy(node, func=ast.Name(_CALLS[called], ast.Load()))
        case ast.Call(func=ast.Attribute(attr=called) as func) if called in _CALLS:
            yield _copy(node, func=_copy(func, attr=_CALLS[called]))


def _changed_values(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Attribute(attr=bound, ctx=ast.Load()) if bound in _BOUNDS:
            yield _copy(node, attr=_BOUNDS[bound])
        case ast.Constant(value=bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(value=int() as value):
            yield ast.Constant(value + 1)
        case ast.Constant(value=float() as value):
            yield ast.Constant(value * 2 or 1.0)
        case ast.Constant(value=str() as value) if value in _CERTAINTIES:
            yield ast.Constant(_CERTAINTIES[value])


def _copy(node: ast.AST, **fields: object) -> ast.AST:
    other = deepcopy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def _with(tree: ast.Module, node: ast.AST, change: ast.AST) -> str:
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
    return text
