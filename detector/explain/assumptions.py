"""The assumptions under a total, each as the same setting with that one thing changed.

Nothing is estimated here: a changed setting goes through the whole line again. Runs keep their
probability of being training unless that is what changes, so that each row shows one effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

import polars as pl

from detector.explain.scene import Scene, Setting
from features.accumulate import Usage, merge
from features.compute import PRECISIONS, VANTAGE_TRUST, Catalogue
from features.schema import TELEMETRY_KEYS

#: What an interval's width can rest on.
Assumption = Literal["precision", "training", "hardware", "share"]
#: Precisions that training runs in, and their names in a sentence.
TRAINED_IN: Final = {"bf16": "16 bit", "fp8": "8 bit", "fp4": "4 bit"}
#: Peaks that a settled precision does not move: other pipes.
_OTHER_PIPES: Final = ("fp64", "fp32")
#: A figure of the catalogue is varied by this much, as data sheets differ.
CATALOGUE_STEP: Final = 0.1
#: Candidates of an ambiguous name that are tried.
CANDIDATES_MAX: Final = 4
#: Vantages trusted this much or better are the provider's own: host and bmc.
_PROVIDER_TRUST: Final = 1


@dataclass(frozen=True)
class Variant:
    """A setting with one assumption changed, in words.

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
    yield from _precisions(as_judged, scene)
    yield from _catalogue(as_judged, scene)
    yield from _training(setting, chances)


def _chances(scene: Scene) -> dict[str, float]:
    known = scene.cells.select("workload", "training_probability").drop_nulls().unique()
    return dict(known.sort("workload").iter_rows())


def _metering(setting: Setting, scene: Scene) -> Iterator[Variant]:
    usage = setting.usage
    if usage.telemetry.height:
        blind = Usage(
            usage.strands,
            usage.coverage.with_columns(seen=pl.lit(0, pl.Int8)),
            pl.DataFrame(schema=TELEMETRY_KEYS),
        )
        yield Variant(
            "allocation-alone",
            "no counter, use or power had been metered, the allocation alone",
            replace(setting, usage=merge([blind])),
        )
    vantages = _vantages(setting, scene)
    for left_out in vantages if len(vantages) > 1 else ():
        kept = usage.strands.filter(pl.col("vantage").fill_null("host") != left_out)
        yield Variant(
            f"without-{left_out}",
            f"nothing had been metered from the vantage {left_out}",
            replace(setting, usage=_only(usage, kept)),
        )


def _vantages(setting: Setting, scene: Scene) -> list[str]:
    strands = setting.usage.strands.filter(pl.col("tenant_id").is_in(scene.facts.tenant_ids))
    return strands["vantage"].fill_null("host").unique().sort().to_list()


def _only(usage: Usage, strands: pl.DataFrame) -> Usage:
    kept = strands.select("strand")
    return Usage(
        strands,
        usage.coverage.join(kept, on="strand", how="semi"),
        usage.telemetry.join(kept, on="strand", how="semi"),
    )


def _precisions(setting: Setting, scene: Scene) -> Iterator[Variant]:
    """Nothing to try where the provider's own vantage saw the precision."""
    strands = setting.usage.strands.join(scene.cells, on="strand", how="semi")
    trust = pl.col("vantage").fill_null("host").replace_strict(VANTAGE_TRUST, default=3)
    open_ = strands.filter(pl.col("precision").is_null() | (trust > _PROVIDER_TRUST))
    if open_.is_empty():
        return
    skus = _skus(scene)
    rows = setting.meaning.catalogue.accelerators.filter(pl.col("sku").is_in(skus))
    for precision, words in TRAINED_IN.items():
        if rows[f"peak_{precision}"].drop_nulls().is_empty():
            continue
        yield Variant(
            f"precision-{precision}",
            f"every matrix operation were known to be {words} ({precision})",
            replace(
                setting,
                usage=_stated(setting.usage, precision),
                meaning=replace(
                    setting.meaning, catalogue=_settled(setting.meaning.catalogue, precision)
                ),
            ),
            "precision" if precision == "bf16" else None,
        )


def _stated(usage: Usage, precision: str) -> Usage:
    strands = usage.strands.with_columns(precision=pl.lit(precision))
    return merge([Usage(strands, usage.coverage, usage.telemetry)])


def _settled(catalogue: Catalogue, precision: str) -> Catalogue:
    """Leave every accelerator one speed of its matrix pipes."""
    speed = pl.coalesce(f"peak_{precision}", "peak_16bit")
    pipes = [p for p in PRECISIONS if p not in _OTHER_PIPES]
    told = catalogue.accelerators.with_columns(**{f"peak_{p}": speed for p in pipes})
    return replace(catalogue, accelerators=told)


def _skus(scene: Scene) -> list[str]:
    """Give the catalogue rows that the subject's hardware may be, most hours first."""
    names = (
        scene.cells.filter(pl.col("sku").is_not_null())
        .group_by("sku")
        .agg(pl.col("device_ms").sum())
        .sort("device_ms", "sku", descending=[True, False])
    )
    return list(dict.fromkeys(each for name in names["sku"] for each in name.split(" | ")))


def _catalogue(setting: Setting, scene: Scene) -> Iterator[Variant]:
    accelerators = setting.meaning.catalogue.accelerators
    doubtful = [name for name in scene.cells["sku"].drop_nulls().unique().sort() if " | " in name]
    for name in doubtful:
        candidates = name.split(" | ")
        for candidate in candidates[:CANDIDATES_MAX]:
            others = [each for each in candidates if each != candidate]
            is_shared = pl.col("sku").n_unique().over("alias_key") > 1
            kept = accelerators.filter(~(is_shared & pl.col("sku").is_in(others)))
            yield Variant(
                f"hardware-{candidate}",
                f"the accelerators that may be {name} were known to be {candidate}",
                _with(setting, kept),
                "hardware",
            )
    for sku in _skus(scene)[:1]:
        peaks = [name for name in accelerators.columns if name.startswith("peak_")]
        factor = pl.when(pl.col("sku") == sku).then(1.0 - CATALOGUE_STEP).otherwise(1.0)
        lower = accelerators.with_columns(pl.col(name) * factor for name in peaks)
        yield Variant(
            "catalogue-row-lower",
            f"the catalogue's peaks of {sku} were {CATALOGUE_STEP:.0%} lower",
            _with(setting, lower),
        )


def _with(setting: Setting, accelerators: pl.DataFrame) -> Setting:
    catalogue = replace(setting.meaning.catalogue, accelerators=accelerators)
    return replace(setting, meaning=replace(setting.meaning, catalogue=catalogue))


def _training(setting: Setting, chances: dict[str, float]) -> Iterator[Variant]:
    if setting.meaning.classifier is not None:
        yield Variant(
            "rules-alone",
            "training were judged by rules alone, without the classifier",
            replace(setting, meaning=replace(setting.meaning, classifier=None)),
        )
    if any(likely < 1.0 for likely in chances.values()):
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
