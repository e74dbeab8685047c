"""The assumptions under a total, each as the same setting with that one thing changed.

Nothing is estimated here: a changed setting goes through the whole line again. Runs keep their
probability of being training unless that is what changes, so that each row shows one effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl

from detector.explain import catalogued, metered, utilised
from detector.explain.document import Assumption
from detector.explain.scene import Scene, Setting
from features.accumulate import Usage
from features.compute import Catalogue
from features.prior import Prior

ENDS: Final[tuple[tuple[Literal["low", "high"], str], ...]] = (
    ("low", "as little"),
    ("high", "as much"),
)


@dataclass(frozen=True)
class Variant:
    """A setting with one assumption changed, in words (after "as if").

    ``settles``: the assumption that this takes to be known for sure, where it narrows one.
    """

    id: str
    because: str
    setting: Setting
    settles: Assumption | None = None


def variants(setting: Setting, scene: Scene) -> Iterator[Variant]:
    """Give every change worth trying for a subject."""
    chances = _chances(scene)
    as_judged = replace(setting, settled=chances)
    yield from _metering(as_judged, scene)
    yield from _utilisation(as_judged)
    yield from _hardware(as_judged, scene)
    yield from _training(setting, chances)


def _chances(scene: Scene) -> dict[str, float]:
    known = scene.cells.select("workload", "training_probability").drop_nulls().unique()
    return dict(known.sort("workload").iter_rows())


def _metering(setting: Setting, scene: Scene) -> Iterator[Variant]:
    usage = setting.usage
    if any(each.method != "allocation" for each in scene.facts.estimates):
        yield Variant(
            "allocation-alone",
            "no counter, use or power had been metered, the allocation alone",
            _of_usage(setting, metered.blind(usage)),
        )
        if scene.facts.silent_ratio > 0:
            yield Variant(
                "no-silence",
                "the hours without counters had been metered and were like the others",
                _of_usage(setting, metered.throughout(setting, scene.cells)),
                "silence",
            )
    if scene.facts.openings:
        yield Variant(
            "no-opening",
            "nothing had been stated of the time before metering began",
            replace(setting, parties=setting.parties.of(())),
            "opening",
        )
    vantages = metered.vantages(usage, scene.facts.tenant_ids)
    for left_out in vantages if len(vantages) > 1 else ():
        yield Variant(
            f"without-{left_out}",
            f"nothing had been metered from the vantage {left_out}",
            _of_usage(setting, metered.without(usage, left_out)),
        )


def _utilisation(setting: Setting) -> Iterator[Variant]:
    prior = setting.meaning.catalogue.prior
    for end, words in ENDS:
        yield Variant(
            f"share-{end}",
            f"the work had reached {words} of the peak as one in twenty published runs",
            _of_prior(setting, utilised.at(prior, end)),
        )
    yield Variant(
        "share-settled",
        "the work were known to have reached the share of the peak that is expected",
        _of_prior(setting, utilised.settled(prior)),
        "share",
    )
    yield Variant(
        "algorithmic-settled",
        "the AI model's own part of what the hardware executed were known to be as expected",
        _of_prior(setting, utilised.without_recomputation_doubt(prior)),
        "algorithmic",
    )


def _hardware(setting: Setting, scene: Scene) -> Iterator[Variant]:
    usage, catalogue = setting.usage, setting.meaning.catalogue
    skus = catalogued.skus(scene.cells)
    if catalogued.is_precision_open(usage.strands, scene.cells):
        for precision, words in catalogued.precisions(catalogue, skus).items():
            speeds = _of_rows(setting, catalogued.with_precision(catalogue, precision))
            yield Variant(
                f"precision-{precision}",
                f"every matrix operation were known to be {words} ({precision})",
                _of_usage(speeds, catalogued.stated(usage, precision)),
                "precision" if precision == "bf16" else None,
            )
    for name, candidate in catalogued.candidates(scene.cells):
        yield Variant(
            f"hardware-{candidate}",
            f"the accelerators that may be {name} were known to be {candidate}",
            _of_rows(setting, catalogued.resolved(catalogue, name, candidate)),
            "hardware",
        )
    for sku in skus[:1]:
        yield Variant(
            "catalogue-row-lower",
            f"the catalogue's peaks of {sku} were {catalogued.STEP * 100:.0f} % lower",
            _of_rows(setting, catalogued.lowered(catalogue, sku)),
        )


def _training(setting: Setting, chances: dict[str, float]) -> Iterator[Variant]:
    if setting.meaning.classifier is not None:
        yield Variant(
            "rules-alone",
            "training were judged by rules alone, without the classifier",
            replace(setting, meaning=replace(setting.meaning, classifier=None)),
        )
    yield Variant(
        "all-training",
        "every run were known to be training",
        replace(setting, settled=dict.fromkeys(chances, 1.0)),
    )
    yield Variant(
        "training-settled",
        "each run were known to be what is likelier for it, training or not",
        replace(setting, settled={name: float(p >= 0.5) for name, p in chances.items()}),
        "training",
    )


def _of_usage(setting: Setting, usage: Usage) -> Setting:
    return replace(setting, usage=usage)


def _of_prior(setting: Setting, prior: Prior) -> Setting:
    return _of_catalogue(setting, replace(setting.meaning.catalogue, prior=prior))


def _of_rows(setting: Setting, accelerators: pl.DataFrame) -> Setting:
    return _of_catalogue(setting, replace(setting.meaning.catalogue, accelerators=accelerators))


def _of_catalogue(setting: Setting, catalogue: Catalogue) -> Setting:
    return replace(setting, meaning=replace(setting.meaning, catalogue=catalogue))
