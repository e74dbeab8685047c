"""Figures of a new kind that cannot be right: with sparsity, in the wrong column or unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from detector.policy.catalogue import PEAK_COLUMNS
from detector.policy.kinds import MORE_PEAKS, Kind
from detector.policy.model import Day, Document, Positive, Text
from detector.policy.parse import parse_document
from detector.policy.sheets import REMEDY

_COLUMN: Final = {**PEAK_COLUMNS, **MORE_PEAKS}
_DENSE: Final = (
    "give the dense figure (data sheets print twice that, with sparsity), "
    "and TF32 in its own column"
)


class Plausibility(Document):
    """How far a figure may lie from those of its family before it is asked about."""

    source: Text
    as_of: Day
    family_ratio_max: Positive
    any_ratio_max: Positive
    peak_max: Positive
    computed_tolerance_ratio: Positive


@dataclass(frozen=True)
class Doubt:
    """One figure: its column, what was expected, what came, what to do."""

    column: str
    expected: str
    found: str
    remedy: str


def parse_plausibility(text: str) -> Plausibility:
    """Read the house rules from TOML text."""
    return parse_document(text, "plausibility.toml", Plausibility, REMEDY)


def doubts(kind: Kind, others: Iterable[Kind], rules: Plausibility) -> Iterator[Doubt]:
    """Give what is doubtful about the figures of ``kind`` beside the other kinds."""
    for precision, peak in kind.peaks.items():
        if peak > rules.peak_max:
            yield Doubt(
                _COLUMN[precision],
                f"10^12 operations a second, at most {rules.peak_max:g}",
                f"{peak:g}",
                "divide it by 10^12",
            )
    yield from _order(kind.peaks)
    yield from _outliers(kind, list(others), rules)


def _order(peaks: Mapping[str, float]) -> Iterator[Doubt]:
    """A narrower input is never slower, TF32 never faster than 16 bit."""
    wide = max((peaks[name] for name in ("fp16", "bf16") if name in peaks), default=None)
    if wide is not None and peaks.get("tf32", 0.0) > wide:
        yield Doubt(
            "tf32_tflops", f"no more than at 16 bit ({wide:g})", f"{peaks['tf32']:g}", _DENSE
        )
    for narrow, below in (("fp8", wide), ("fp4", peaks.get("fp8"))):
        if below is not None and peaks.get(narrow, below) < below:
            yield Doubt(
                _COLUMN[narrow],
                f"at least the next wider peak ({below:g})",
                f"{peaks[narrow]:g}",
                "see that the peaks stand in their own columns",
            )


def _outliers(kind: Kind, others: list[Kind], rules: Plausibility) -> Iterator[Doubt]:
    family = [other for other in others if other.family == kind.family]
    ratio = rules.family_ratio_max if family else rules.any_ratio_max
    compared = family or others
    for precision, peak in kind.peaks.items():
        best = _best(kind, compared, precision)
        if best is not None and peak <= rules.peak_max and peak > ratio * best:
            beside = f"the best of the {kind.family} family" if family else "the best known"
            yield Doubt(
                _COLUMN[precision],
                f"at most {ratio:g} times what {beside} would have here ({best:.4g})",
                f"{peak:g}",
                _DENSE,
            )


def _best(kind: Kind, others: list[Kind], precision: str) -> float | None:
    """Give the peak that the densest of the others would have with this kind's dies.

    Where these are not known: with its power, and of its own family no more than the largest.
    """
    by_area = _scaled(kind, others, precision, _area)
    if by_area is not None:
        return by_area
    kin = [o.peaks[precision] for o in others if o.family == kind.family and precision in o.peaks]
    known = [_scaled(kind, others, precision, _power), max(kin, default=None)]
    return min((peak for peak in known if peak is not None), default=None)


def _scaled(
    kind: Kind, others: list[Kind], precision: str, size: Callable[[Kind], float | None]
) -> float | None:
    own = size(kind)
    shares = [
        other.peaks[precision] / shared
        for other in others
        if precision in other.peaks and (shared := size(other))
    ]
    return own * max(shares) if own and shares else None


def _area(kind: Kind) -> float | None:
    return kind.die_area_mm2


def _power(kind: Kind) -> float | None:
    return kind.tdp_w
