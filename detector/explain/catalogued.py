"""Hardware as it would be were something about it known or different, for ``assumptions``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from features.accumulate import Usage, merge
from features.compute import PRECISIONS, VANTAGE_TRUST, Catalogue

#: Precisions that training runs in, and their names in a sentence.
TRAINED_IN: Final = {"bf16": "16 bit", "fp8": "8 bit", "fp4": "4 bit"}
#: A figure of the catalogue is varied by this much, as data sheets differ.
STEP: Final = 0.1
#: Candidates of an ambiguous name that are tried.
CANDIDATES_MAX: Final = 4
#: Peaks that a settled precision does not move: other pipes.
_OTHER_PIPES: Final = ("fp64", "fp32")
#: Vantages trusted this much or better are the provider's own: host and bmc.
_PROVIDER_TRUST: Final = 1
_BETWEEN: Final = " | "


def skus(cells: pl.DataFrame) -> list[str]:
    """Give the catalogue rows that the subject's hardware may be, most hours first."""
    names = (
        cells.filter(pl.col("sku").is_not_null())
        .group_by("sku")
        .agg(pl.col("device_ms").sum())
        .sort("device_ms", "sku", descending=[True, False])
    )
    return list(dict.fromkeys(each for name in names["sku"] for each in name.split(_BETWEEN)))


def is_precision_open(strands: pl.DataFrame, cells: pl.DataFrame) -> bool:
    """Say whether any work ran in a precision that the provider's own vantage did not see."""
    trust = pl.col("vantage").fill_null("host").replace_strict(VANTAGE_TRUST, default=3)
    is_open = pl.col("precision").is_null() | (trust > _PROVIDER_TRUST)
    return not strands.join(cells, on="strand", how="semi").filter(is_open).is_empty()


def precisions(catalogue: Catalogue, names: Sequence[str]) -> dict[str, str]:
    """Give the precisions of training that any of these kinds has matrix units for."""
    rows = catalogue.accelerators.filter(pl.col("sku").is_in(list(names)))
    return {
        precision: words
        for precision, words in TRAINED_IN.items()
        if rows[f"peak_{precision}"].drop_nulls().len()
    }


def stated(usage: Usage, precision: str) -> Usage:
    """Give usage of which every event states this precision."""
    strands = usage.strands.with_columns(precision=pl.lit(precision))
    return merge([Usage(strands, usage.coverage, usage.telemetry)])


def with_precision(catalogue: Catalogue, precision: str) -> pl.DataFrame:
    """Leave every accelerator one speed of its matrix pipes."""
    speed = pl.coalesce(f"peak_{precision}", "peak_16bit")
    pipes = [p for p in PRECISIONS if p not in _OTHER_PIPES]
    return catalogue.accelerators.with_columns(**{f"peak_{p}": speed for p in pipes})


def candidates(cells: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """Give (several kinds that a name may be, one of them) for every name in doubt."""
    for name in cells["sku"].drop_nulls().unique().sort():
        if _BETWEEN in name:
            for candidate in name.split(_BETWEEN)[:CANDIDATES_MAX]:
                yield name, candidate


def resolved(catalogue: Catalogue, name: str, candidate: str) -> pl.DataFrame:
    """Let shared aliases mean one candidate; what names another kind outright keeps it."""
    others = [each for each in name.split(_BETWEEN) if each != candidate]
    is_shared = pl.col("sku").n_unique().over("alias_key") > 1
    return catalogue.accelerators.filter(~(is_shared & pl.col("sku").is_in(others)))


def lowered(catalogue: Catalogue, sku: str) -> pl.DataFrame:
    """Lower every peak of one row by STEP."""
    peaks = [name for name in catalogue.accelerators.columns if name.startswith("peak_")]
    factor = pl.when(pl.col("sku") == sku).then(1.0 - STEP).otherwise(1.0)
    return catalogue.accelerators.with_columns(pl.col(name) * factor for name in peaks)
