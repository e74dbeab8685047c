"""``trainwatch explain``: how one total came about, from files or from a sidecar's store."""

from __future__ import annotations

import argparse
import re
import sys
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Final

from detector.documents import json_line
from detector.explain.compose import Explained
from detector.explain.page import render_ownership, render_page, render_svg
from detector.explain.picture import draw
from detector.explain.text import render_text
from streams.ahead import processors
from streams.arguments import add_lookups, chosen_meaning, raise_together
from streams.clock import SystemClock
from streams.command_line import Adder
from streams.configuration import load_settings
from streams.explain import SCOPES, Asked, SubjectError, explain_subject
from streams.export import prepare, write_whole
from streams.files import FileSource, find_inputs
from streams.folded import folded
from streams.logs import Progress
from streams.packaged import explain_templates
from streams.ports import Source
from streams.replay import Advance, Plan
from streams.simulation import SimulatedSource, build
from streams.store import Reader
from streams.terminal import console, show_text
from streams.wiring import meaning_of

#: Characters of a subject in a file name; what is cut or replaced is told apart by a digest.
NAME_MAX: Final = 80
#: The seed of ``trainwatch demo``, so that its output and an explanation speak of one cloud.
DEMO_SEED: Final = 1


class ExplainError(Exception):
    """The question cannot be asked like this. One line: what, where, what to do."""


ASKED_WRONGLY: Final = (ExplainError, SubjectError)


def add_to(add: Adder) -> None:
    """Add the command to the command line."""
    parser = add("explain")
    parser.add_argument("subject", metavar="SUBJECT", help="an id as in totals.csv")
    parser.add_argument("paths", type=Path, nargs="*", metavar="PATH", help="files or folders")
    parser.add_argument("--config", type=Path, metavar="FILE", help="read a sidecar's store")
    parser.add_argument("--demo", action="store_true", help="read the simulated cloud of the demo")
    parser.add_argument("--scope", choices=SCOPES, help="where several scopes have the id")
    add_lookups(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write text, page, picture, JSON")
    parser.add_argument("--json", action="store_true", help="show the JSON document, not text")
    parser.set_defaults(command=_explain)


def _explain(chosen: argparse.Namespace) -> int:
    carriers = [bool(chosen.paths), chosen.config is not None, chosen.demo]
    if sum(carriers) != 1:
        raise ExplainError(
            "explain: expected either PATHs of events, --config of a sidecar or --demo, got "
            f"{'several' if any(carriers) else 'none'} of them; give one"
        )
    if chosen.out is not None:
        prepare(chosen.out)
    files = FileSource(find_inputs(chosen.paths, chosen.out) if chosen.paths else ())
    source = SimulatedSource(build("demo", DEMO_SEED)) if chosen.demo else files
    explained = _of_store(chosen) if chosen.config is not None else _of_events(chosen, source)
    text = render_text(explained.explanation)
    if chosen.json:
        sys.stdout.write(f"{json_line(explained.explanation).decode()}\n")
    else:
        show_text(console(), text)
    if chosen.out is not None:
        _write(chosen.out, explained, text)
    raise_together(files.failures)
    return 0


def _of_events(chosen: argparse.Namespace, source: Source) -> Explained:
    lists, judged = chosen.screening, chosen.judgements
    meaning = chosen_meaning(chosen.policy, lists, chosen.catalogue, judged, chosen.gleif)
    clock = SystemClock()
    plan = Plan(chosen.as_of, processors())
    with ExitStack() as opened:
        advance: Advance = _unseen
        if console().is_terminal:  # elsewhere, standard output holds the explanation alone
            advance = opened.enter_context(Progress(None)).advance
        store = opened.enter_context(folded(source, meaning, clock, plan, advance))
        return explain_subject(store, meaning, clock.now(), _asked(chosen))


def _unseen(_events: int, _bytes: int) -> None:
    """Show nobody how far the reading has come."""


def _of_store(chosen: argparse.Namespace) -> Explained:
    own = ("policy", "screening", "judgements", "gleif", "catalogue", "as_of")
    beside = [f"--{name.replace('_', '-')}" for name in own if getattr(chosen, name)]
    if beside:
        raise ExplainError(
            f"explain: expected no {', '.join(beside)} beside --config, whose own hold; leave out "
            "what does not stand in the configuration, or put it there"
        )
    settings = load_settings(chosen.config)
    with Reader.open(settings.store.path) as store:
        return explain_subject(store, meaning_of(settings), SystemClock().now(), _asked(chosen))


def _asked(chosen: argparse.Namespace) -> Asked:
    return Asked(chosen.subject, chosen.scope)


def _write(out: Path, explained: Explained, text: str) -> None:
    explanation = explained.explanation
    drawn = draw(explanation, explained.curve)
    name = f"explain-{_file_name(explanation.subject_id)}"
    texts = explain_templates()
    write_whole(out / f"{name}.txt", [text.encode()])
    write_whole(out / f"{name}.svg", [render_svg(drawn, texts).encode()])
    if (ownership := render_ownership(explanation)) is not None:
        write_whole(out / f"{name}-owners.svg", [ownership.encode()])
    write_whole(out / f"{name}.html", [render_page(explanation, drawn, texts).encode()])
    write_whole(out / f"{name}.json", [json_line(explanation), b"\n"])


def _file_name(subject_id: str) -> str:
    """Write an id so that any file system takes it; no two ids share a name."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", subject_id)[:NAME_MAX]
    if plain == subject_id:
        return plain
    return f"{plain}-{sha256(subject_id.encode()).hexdigest()[:8]}"
