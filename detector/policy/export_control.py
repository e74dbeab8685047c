"""Performance by the rule of the export controls: TPP, density and the paragraph they fall under.

Arithmetic on catalogue figures, never a classification. Nothing is copied from a list: the same
rule is applied to every kind, also to the operator's own.
"""

from __future__ import annotations

from dataclasses import dataclass

from detector.policy.kinds import BITS, Kind
from detector.policy.model import CountryCode, Day, Document, Positive, Text
from detector.policy.parse import parse_document
from detector.policy.sheets import REMEDY


class Paragraph(Document):
    """One leg of a paragraph; every limit that is given must hold."""

    id: Text
    tpp_ge: Positive
    tpp_lt: Positive | None = None
    density_ge: Positive | None = None
    density_lt: Positive | None = None


class Exclusion(Document):
    """What is not marketed for data centres and below this is left out."""

    tpp_lt: Positive
    source: Text


class CaseByCase(Document):
    """What is below both is reviewed case by case."""

    tpp_lt: Positive
    memory_bandwidth_gbps_lt: Positive
    except_designed_in: tuple[CountryCode, ...]
    source: Text


class ExportLimits(Document):
    """The limits, as they stood on ``as_of``."""

    citation: Text
    as_of: Day
    note: Text
    paragraphs: tuple[Paragraph, ...]
    not_for_datacenters: Exclusion
    case_by_case: CaseByCase


@dataclass(frozen=True)
class Performance:
    """What the rule makes of a kind; null where a figure it needs is not known.

    ``density`` is TPP / mm2. ``paragraph`` is ``3A090.a``, ``3A090.b``, ``none`` or
    ``undetermined``; ``because`` says why in a few words.
    """

    tpp: float | None
    tpp_precision: str | None
    density: float | None
    paragraph: str
    because: str
    is_case_by_case: bool | None


def parse_export_limits(text: str) -> ExportLimits:
    """Read the limits from TOML text."""
    return parse_document(text, "export_control.toml", ExportLimits, REMEDY)


def performance(kind: Kind, limits: ExportLimits) -> Performance:
    """Compute what the rule makes of one package."""
    products = {name: peak * BITS[name] for name, peak in kind.peaks.items() if name in BITS}
    if not products:
        return Performance(None, None, None, "undetermined", "no peak is known", None)
    precision = max(products, key=lambda name: products[name])
    tpp = products[precision]
    area = kind.die_area_mm2 if kind.has_applicable_die else None
    density = tpp / area if area else None
    paragraph, because = _paragraph(kind, tpp, density, limits)
    is_reviewed = None
    case = limits.case_by_case
    is_abroad = kind.vendor_country in case.except_designed_in
    if paragraph == "3A090.a" and kind.memory_bandwidth_gbps is not None and not is_abroad:
        is_reviewed = (
            tpp < case.tpp_lt and kind.memory_bandwidth_gbps < case.memory_bandwidth_gbps_lt
        )
    return Performance(tpp, precision, density, paragraph, because, is_reviewed)


def _paragraph(
    kind: Kind, tpp: float, density: float | None, limits: ExportLimits
) -> tuple[str, str]:
    if not kind.for_datacenters and tpp < limits.not_for_datacenters.tpp_lt:
        least = limits.not_for_datacenters.tpp_lt
        return "none", f"not marketed for data centres and TPP below {least:g}"
    for leg in limits.paragraphs:
        if _holds(leg, tpp, density):
            return leg.id, _reason(leg)
    open_legs = [leg for leg in limits.paragraphs if _is_open(leg, tpp)]
    if density is None and kind.has_applicable_die and open_legs:
        return "undetermined", "the area of its dies is not known"
    return "none", "it reaches no paragraph"


def _holds(leg: Paragraph, tpp: float, density: float | None) -> bool:
    if not _is_open(leg, tpp):
        return False
    if leg.density_ge is None:
        return True
    below = float("inf") if leg.density_lt is None else leg.density_lt
    return density is not None and leg.density_ge <= density < below


def _is_open(leg: Paragraph, tpp: float) -> bool:
    return leg.tpp_ge <= tpp and (leg.tpp_lt is None or tpp < leg.tpp_lt)


def _reason(leg: Paragraph) -> str:
    parts = [f"TPP of {leg.tpp_ge:g} or more"]
    if leg.tpp_lt is not None:
        parts.append(f"below {leg.tpp_lt:g}")
    if leg.density_ge is not None:
        parts.append(f"density of {leg.density_ge:g} or more")
    if leg.density_lt is not None:
        parts.append(f"below {leg.density_lt:g}")
    return ", ".join(parts)
