"""Every kind of break, on sources of a line: what each becomes, and what is left alone."""

from __future__ import annotations

import ast

import pytest

from tests.mutation.explained import EXPLAINED
from tests.mutation.killers import KILLERS
from tests.mutation.mutants import Mutant, mutants


@pytest.mark.parametrize(
    ("source", "broken"),
    [
        ("a + b", ["a - b"]),
        ("a / b", ["a * b"]),
        ("a // b", ["a * b"]),
        ("a % b", ["a * b"]),
        ("a ** b", ["a * b"]),
        ("a @ b", ["a * b"]),
        ("a | b", ["a & b"]),
        ("a -= b", ["a += b"]),
        ("a < b >= c", ["a <= b >= c", "a < b > c"]),
        ("a == b", ["a != b"]),
        ("a not in b", ["a in b"]),
        ("a is b", ["a is not b"]),
        ("a and b", ["a or b"]),
        ("not a", ["a"]),
        ("-a", ["a"]),
        ("min(a)", ["max(a)"]),
        ("all(a)", ["any(a)"]),
        ("np.minimum(a, b)", ["np.maximum(a, b)"]),
        ("ceil(a)", ["floor(a)"]),
        ("sum(a)", ["max((*a, 0))"]),
        ("sum(a, b)", ["max((*a, b))"]),
        ("a.low", ["a.high"]),
        ("a.low = b", []),
        ("7", ["8"]),
        ("0.25", ["0.5"]),
        ("0.0", ["1.0"]),
        ("True", ["False"]),
        ("a = 'yes'", ["a = 'possible'"]),
        ("a = 'possible'", ["a = 'yes'"]),
        ("a = 'no'", ["a = 'possible'"]),
        ("'a word'", []),
        ("a if b else c", ["a if not b else c"]),
        ("[a for a in b if c(a)]", ["[a for a in b if not c(a)]"]),
        ("a: Literal['yes'] = b", []),
        ("A = Literal['yes']", []),
        ("zip(a, b, strict=True)", []),
    ],
)
def test_each_kind_of_break_is_made(source: str, broken: list[str]) -> None:
    assert [each.source for each in mutants(source)] == broken


def test_a_mutant_is_named_by_its_function_and_its_change_and_numbered_where_it_comes_again() -> (
    None
):
    whole = "(a + a) - (a + a)"
    source = f"def f(a):\n    return a + a\n\ndef g(a):\n    return {whole}"
    assert list(mutants(source)) == [
        Mutant("f: a + a -> a - a", _plain(source, "return a + a", "return a - a")),
        Mutant("g: a + a - (a + a) -> a + a + (a + a)", _plain(source, whole, "(a + a) + (a + a)")),
        Mutant("g: a + a -> a - a", _plain(source, whole, "(a - a) - (a + a)")),
        Mutant("g: a + a -> a - a (no. 2)", _plain(source, whole, "(a + a) - (a - a)")),
    ]


def _plain(source: str, before: str, after: str) -> str:
    return ast.unparse(ast.parse(source.replace(before, after)))


def test_every_reason_is_of_a_module_that_is_broken() -> None:
    assert {each.partition(".")[0] for each in EXPLAINED} <= KILLERS.keys()
