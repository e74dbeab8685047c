"""What the command line says of itself: commands by group, examples that read, the word meant."""

from __future__ import annotations

import argparse
import re
import shlex
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from streams import cli
from streams.cli import main
from streams.version import code_version

WORDS: dict[str, Any] = tomllib.loads((files("streams") / "commands.toml").read_text())
GROUPS: list[str] = WORDS.pop("groups")


def _commands() -> dict[str, argparse.ArgumentParser]:
    parser = cli._parser(cli.COMMANDS)
    (found,) = (each for each in parser._actions if each.nargs == argparse.PARSER)
    assert isinstance(found.choices, dict)
    return found.choices


def _help(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, line: str) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_every_command_has_its_words_and_stands_in_a_group() -> None:
    assert sorted(_commands()) == sorted(WORDS)
    assert {each["group"] for each in WORDS.values()} == set(GROUPS)


def test_the_help_lists_the_commands_by_group_with_the_first_to_try(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = _help(capsys, monkeypatch, "--help").splitlines()
    assert [each for each in lines if each.removesuffix(":") in GROUPS] == [
        f"{each}:" for each in GROUPS
    ]
    listed = [each.split()[0] for each in lines if re.match(r" {2}[a-z-]+ +\w", each)]
    assert listed[: len(WORDS)] == list(WORDS)
    assert lines[-2:] == ["  trainwatch demo", "  trainwatch replay events/ --out out/"]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", list(WORDS))
def test_the_help_of_a_command_fits_the_screen_and_ends_with_examples(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = _help(capsys, monkeypatch, f"{name} --help")
    assert told.startswith(f"usage: trainwatch {name} ")
    assert WORDS[name]["text"].strip() in told
    after = told.partition("\nexamples:\n")[2]
    assert after.count("trainwatch ") == len(WORDS[name]["examples"])
    assert max(map(len, told.splitlines())) <= 86


@pytest.mark.parametrize("name", list(WORDS))
def test_every_option_says_what_it_is_for(name: str) -> None:
    assert [
        each.dest for each in _commands()[name]._actions if not each.help and each.choices is None
    ] == []


@pytest.mark.parametrize(
    "example", [each for words in WORDS.values() for each in words["examples"]]
)
def test_every_example_is_a_command_line_that_is_understood(example: str) -> None:
    program, *arguments = shlex.split(example)
    assert program == "trainwatch"
    assert callable(cli._parser(cli.COMMANDS).parse_args(arguments).command)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("replya", "'replya'; did you mean replay?; see `trainwatch --help`"),
        ("simulation", "'simulation'; did you mean simulate?; see `trainwatch --help`"),
        ("qqqq", "'qqqq'; see `trainwatch --help`"),
        (
            "explain t-1 a.ndjson --scope tenants",
            "explain: argument --scope: invalid choice: expected one of training_run, tenant, "
            "owner, cluster, got 'tenants'; did you mean tenant?; see `trainwatch explain --help`",
        ),
    ],
)
def test_a_word_that_is_not_known_is_answered_with_the_nearest(
    line: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line.split()) == 2
    complaint = capsys.readouterr().err
    assert complaint.endswith(f"{told}\n")
    assert complaint.count("\n") == 1


def test_the_version_is_that_of_what_is_installed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert _help(capsys, monkeypatch, "--version") == f"trainwatch {code_version()}\n"
