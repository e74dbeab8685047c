"""The examples that start a recorder are taken by the command line, and ask for little."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from streams.commands.record import add_to
from streams.record.tables import SOURCES

ROOT = Path(__file__).resolve().parents[2]
UNIT = (ROOT / "deploy" / "record" / "trainwatch-record.service").read_text("utf-8")
PODS = (ROOT / "deploy" / "record" / "daemonset.yaml").read_text("utf-8")
PAGE = (ROOT / "docs" / "record.md").read_text("utf-8")


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(exit_on_error=False)
    add_to(found.add_subparsers().add_parser)
    return found


def commands_of_the_page() -> list[list[str]]:
    shell = PAGE.replace("\\\n", " ")
    lines = re.findall(r"^trainwatch (record .+)$", shell, re.MULTILINE)
    return [shlex.split(line, comments=True) for line in lines]


def starts() -> list[list[str]]:
    (line,) = re.findall(r"^ExecStart=\S+/trainwatch (.+)$", UNIT, re.MULTILINE)
    (block,) = re.findall(r"args:\n((?: +- \S+\n)+)", PODS)
    return [shlex.split(line), re.findall(r"- (\S+)", block), *commands_of_the_page()]


@pytest.mark.parametrize("start", starts(), ids=lambda start: " ".join(start)[:60])
def test_every_example_is_a_command_line_that_is_taken(start: list[str]) -> None:
    chosen = parser().parse_args(start)
    assert chosen.source[-1] in SOURCES
    assert (chosen.out is None) != (chosen.kafka is None)


def test_neither_example_asks_for_root_or_a_privilege() -> None:
    for line in ("DynamicUser=yes", "CapabilityBoundingSet=\n", "NoNewPrivileges=yes"):
        assert line in UNIT
    for line in ("runAsNonRoot: true", "drop: [ALL]", "allowPrivilegeEscalation: false"):
        assert line in PODS
    assert "privileged: true" not in PODS
    assert not re.search(r"containerPort|hostPort|Listen", PODS + UNIT)


def test_the_page_names_every_option_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["record", "--help"])
    takes = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help"}
    named = set(re.findall(r"--[a-z][a-z-]+", PAGE))
    assert len(takes) > 15
    assert sorted(takes - named - {"--tenant-from-env", "--resource-from-env"}) == []
