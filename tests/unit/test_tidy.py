"""Budgets and manners that no linter sees: sizes, docstrings, purity, nothing left lying about."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from streams.cli import COMMANDS
from streams.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("features", "detector", "streams")
PURE = ("features", "detector")

LINES_OF_A_FILE = 300
LINES_OF_A_FUNCTION = 50
NESTING_OF_A_FUNCTION = 3

#: Calls that open, read or write something; the pure core takes text and bytes as arguments.
IMPURE_CALLS = {
    *("open", "print", "input", "eval", "exec"),
    *("read_text", "read_bytes", "write_text", "write_bytes", "urlopen", "getenv"),
    *("read_csv", "read_parquet", "read_ndjson", "scan_csv", "scan_parquet", "scan_ndjson"),
}
#: ... but for text already in memory, which is handed over as io.StringIO or io.BytesIO.
READS_MEMORY = {"read_csv", "read_parquet", "read_ndjson"}

#: What a declared package is built on and shows to its users: fastapi, pydantic.
BASES = {"starlette", "pydantic_core"}

#: Fakes live beside the port they stand for, and only tests build them.
FAKES = {"streams.memory"}

_BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith)


@cache
def parsed(path: Path) -> tuple[str, str, ast.Module]:
    name, text = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
    return name, text, ast.parse(text, name)


def sources(*folders: str) -> list[tuple[str, str, ast.Module]]:
    """Give path, text and syntax tree of every Python file under the folders."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return [parsed(path) for path in paths]


def everything() -> list[tuple[str, str, ast.Module]]:
    return sources(*PACKAGES, "tests", "examples")


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def nesting(node: ast.AST, depth: int = 0) -> int:
    """Count blocks within blocks; an elif is as deep as its if, an inner function starts anew."""
    deepest = depth
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef):
                continue
            is_elif = isinstance(node, ast.If) and field == "orelse" and isinstance(child, ast.If)
            step = 1 if isinstance(child, _BLOCKS) and not is_elif else 0
            deepest = max(deepest, nesting(child, depth + step))
    return deepest


def module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def imported(tree: ast.Module) -> Iterator[str]:
    """Give every dotted name that a file imports, members as well."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_every_file_says_what_it_is_for() -> None:
    assert [name for name, _, tree in everything() if not ast.get_docstring(tree)] == []


def test_no_file_is_longer_than_its_budget() -> None:
    lengths = {name: text.count("\n") for name, text, _ in everything()}
    assert {name: size for name, size in lengths.items() if size > LINES_OF_A_FILE} == {}


def test_no_function_is_longer_or_deeper_than_its_budget() -> None:
    over = [
        f"{name}:{node.lineno} {node.name}"
        for name, _, tree in everything()
        for node in functions(tree)
        if (node.end_lineno or 0) - node.lineno + 1 > LINES_OF_A_FUNCTION
        or nesting(node) > NESTING_OF_A_FUNCTION
    ]
    assert over == []


def impure_calls(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        reads_memory = name in READS_MEMORY and "IO(" in ast.unparse(node)
        if name in IMPURE_CALLS and not reads_memory:
            yield f"{node.lineno} {name}"


def test_the_core_opens_nothing() -> None:
    found = [f"{name}:{call}" for name, _, tree in sources(*PURE) for call in impure_calls(tree)]
    assert found == []


def entry_points() -> set[str]:
    """Give the modules that are started rather than imported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    scripts = {target.partition(":")[0] for target in project["scripts"].values()}
    commands = {f"streams.commands.{module}" for module in COMMANDS.values()}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    return scripts | commands | set(re.findall(r"-m (\w[\w.]*)", makefile))


def test_no_module_is_there_that_nothing_imports() -> None:
    used = {name for _, _, tree in sources(*PACKAGES) for name in imported(tree)} | entry_points()
    modules = {
        module_name(path)
        for path, _, _ in sources(*PACKAGES)
        if not path.endswith(("__init__.py", "__main__.py"))
    }
    assert sorted(modules - used - FAKES) == []


def test_every_setting_is_read_by_something() -> None:
    fields = {
        (name, key)
        for name, field in Settings.model_fields.items()
        for key in getattr(field.annotation, "model_fields", {})
        if name != "kafka"  # handed to kafka-python as a whole
    }
    text = " ".join(text for name, text, _ in sources("streams") if name != "streams/settings.py")
    unread = {
        f"[{name}] {key}"
        for name, key in fields
        if not re.search(rf"\b{name}\.{key}\b", text)
        and not (name == "http" and re.search(r"\bhttp\.(host|port)\b", text))
    }
    assert unread == set()


def test_every_package_that_is_imported_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.split(r"[<>=\[; ]", item)[0].lower() for item in project["dependencies"]}
    tops = {name.partition(".")[0] for _, _, tree in sources(*PACKAGES) for name in imported(tree)}
    foreign = tops - set(sys.stdlib_module_names) - set(PACKAGES)
    homes = packages_distributions()
    undeclared = {
        top
        for top in foreign
        if not {home.lower().replace("_", "-") for home in homes.get(top, [top])} & declared
    }
    assert undeclared - BASES == set()


def test_no_work_is_left_for_later_in_silence() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")
    skips = ("pytest." + "skip(", "@pytest.mark." + "skip", "@pytest.mark." + "xfail")
    marks = re.compile(rf"\b({'|'.join(words)})\b|{'|'.join(map(re.escape, skips))}")
    assert marks.search(f"# {words[0]}: later")
    assert marks.search(skips[1] + "if(True)")
    assert [name for name, text, _ in everything() if marks.search(text)] == []


def committed_text() -> Iterator[tuple[str, str]]:
    """Give the text files of the tree, without what git ignores."""
    folders = (*PACKAGES, "tests", "examples", "deploy", "docs", ".ci")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    own = [path for path in ROOT.glob("*.*") if path.name != ".git"]  # a file in a linked tree
    for path in sorted([*paths, *own, ROOT / "Makefile", ROOT / "NOTICE"]):
        if path.is_file() and "__pycache__" not in path.parts and path.stat().st_size < 1 << 20:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8", errors="replace")


def test_no_file_names_this_machine_or_a_package_registry() -> None:
    words = ("/" + "work/", "/" + "root/", "py" + "pi.", "python" + "hosted", "index-" + "url")
    named = re.compile("|".join(re.escape(word) for word in words))
    mine = ("Makefile",)  # tells uv not to write such a line
    found = [name for name, text in committed_text() if name not in mine and named.search(text)]
    assert found == []
