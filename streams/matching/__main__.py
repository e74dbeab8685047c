"""Fit the points of screening and write how well it does: ``python -m streams.matching``.

One command, the same files every time: counts go into rarity.csv, points into figures.toml and
tables into the page.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from detector.screening.figures import Figures, NamePoints, parse_figures
from detector.screening.finder import Finder
from detector.screening.fitting import Case, fit, is_fitted, out_of_fold
from detector.screening.likeness import FEATURES
from detector.screening.score import ratio
from streams.files import InputError
from streams.lists import figures
from streams.matching.cases import fitted_cases, sibling_queries
from streams.matching.counts import counts_text
from streams.matching.measure import ask, by_kind
from streams.matching.page import found_table, hit_table, with_points, with_tables
from streams.matching.rows import Labelled, read_labelled

#: Of several names the pair that differs least stands for its parties, so that what is fitted does
#: not rest on what was fitted before.
NEUTRAL: Final = NamePoints(0.0, (-1.0,) * len(FEATURES))


def fold_table(cases: Sequence[Case], figures: Figures) -> str:
    """Give the table of the folds: every case by points fitted without its group."""
    cases = [case for case in cases if is_fitted(case)]
    told = out_of_fold(cases)
    same = sum(case.is_same for case in cases)
    lines = ["| cut-off | pairs | the same | found | hits right |", "|---|---|---|---|---|"]
    for name, cut in (("likely", figures.cut_offs.hit), ("possible", figures.cut_offs.possible)):
        hits = [c for c, points in zip(cases, told, strict=True) if ratio(points) >= cut]
        right = sum(case.is_same for case in hits)
        lines.append(
            f"| {name} ({cut}) | {len(cases):,} | {same:,} | {right / same:.0%} "
            f"| {right / len(hits):.0%} |"
        )
    return "\n".join(lines) + "\n"


def tables(labelled: Labelled, cases: Sequence[Case], figures: Figures) -> str:
    """Give all tables; everything but the folds is of the half that nothing was fitted to."""
    finder, cut_offs = Finder(labelled.parties, figures), figures.cut_offs
    aliases = [each for each in labelled.aliases if each.half == "measured"]
    found = ask(aliases, labelled.parties, finder)
    kinds = {
        f"hidden alias, {told}": [each for each in found if each.query.kind == kind]
        for told, kind in (("organisations", "organisation"), ("people", "person"))
    }
    siblings = [each for each in sibling_queries(labelled) if each.half == "measured"]
    nobody = {
        told: [each for each in queries if each.half == "measured"]
        for told, queries in labelled.strangers.items()
    }
    told = {name: ask(queries, labelled.parties, finder) for name, queries in nobody.items()}
    told["listed parties, their own entry taken out"] = ask(siblings, labelled.parties, finder)
    written = by_kind(found, labelled.parties, figures)
    return "\n".join(
        (
            fold_table(cases, figures),
            found_table("not fitted to", kinds, cut_offs),
            found_table("hidden aliases by kind of writing", written, cut_offs),
            hit_table("names that mean nobody listed", told, cut_offs),
        )
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, fit, write the figures, measure, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m streams.matching")
    parser.add_argument("--data", type=Path, required=True, help="the folder of shared data")
    parser.add_argument("--rarity", type=Path, required=True, help="rarity.csv, rewritten")
    parser.add_argument("--figures", type=Path, required=True, help="figures.toml, rewritten")
    parser.add_argument("--page", type=Path, required=True, help="the page with the marks")
    asked = parser.parse_args(arguments)
    try:
        labelled = read_labelled(asked.data)
    except InputError as error:
        sys.stderr.write(f"matching: {error}\n")
        return 3
    asked.rarity.write_text(counts_text(labelled.parties), encoding="utf-8")
    before = figures(asked.rarity.read_text(encoding="utf-8"))
    neutral = replace(before, points=dict.fromkeys(before.points, NEUTRAL))
    cases = fitted_cases(labelled, Finder(labelled.parties, neutral), neutral)
    text = with_points(asked.figures.read_text(encoding="utf-8"), fit(cases))
    asked.figures.write_text(text, encoding="utf-8")
    now = parse_figures(text, before.rarity, str(asked.figures))
    page = asked.page.read_text(encoding="utf-8")
    asked.page.write_text(with_tables(page, tables(labelled, cases, now)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
