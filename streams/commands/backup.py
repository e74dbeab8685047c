"""``trainwatch backup``: a copy of the sidecar's store, beside the running sidecar or not."""

from __future__ import annotations

import argparse
from pathlib import Path

from streams.command_line import Adder
from streams.configuration import load_settings
from streams.export import holding
from streams.store import Reader, copy_store
from streams.terminal import console, show_text


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("backup")
    parser.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the configuration, TOML"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="a folder, empty or not there yet"
    )
    parser.set_defaults(command=_backup)


def _backup(chosen: argparse.Namespace) -> int:
    path = load_settings(chosen.config).store.path
    with holding(chosen.out):
        copy_store(path, chosen.out)
    with Reader.open(chosen.out) as copied:
        read = copied.counts().get(("events", "read"), 0)
    show_text(console(), f"{chosen.out}: a store of {read:,} events read")
    return 0
