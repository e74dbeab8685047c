"""Explanations made by hand, for the tests of text and picture.

Run ``python -m tests.support.explanations`` to write the approved texts again; then read every
difference before it is committed.
"""

from __future__ import annotations

from typing import Any

from detector.explain.document import (
    Agreement,
    BasisLine,
    Binding,
    DeclaredLine,
    Explanation,
    Figures,
    HardwareLine,
    MethodLine,
    OpeningLine,
    PartLine,
    Period,
    Shown,
    ThresholdLine,
    WhatIf,
    Who,
)
from detector.explain.page import TEMPLATES, render_ownership, render_page, render_svg
from detector.explain.picture import draw
from detector.explain.text import render_text
from detector.facts import Curve
from detector.ownership.svg import ownership_svg
from detector.report.document import CrossedAt, Provenance
from tests.support.charts import group
from tests.support.explained import DAYS, at, grown, part, periods, span
from tests.support.subjects import ROOT

GOLDEN = ROOT / "tests/fixtures/golden"
PICTURE = ROOT / "docs/ownership-chart.svg"


def explanation(**changes: Any) -> Explanation:
    """Give an owner of two tenants whose training passed a threshold; override by keyword."""
    return Explanation(**(_figures_and_methods() | _parts() | _conclusions() | changes))


def _figures_and_methods() -> dict[str, Any]:
    return {
        "scope": "owner",
        "subject_id": "owner-1",
        "tenant_ids": ("t-1", "t-2"),
        "as_of": at(DAYS),
        "first_start": at(0),
        "last_end": at(DAYS),
        "figures": Figures(
            accelerator_hours=24_100_000.0,
            metered_hours=24_000_000.0,
            metered_hardware_expected=1.498e26,
            peak_operations=3.1e26,
            operations=span(7.2e25, 1.2e26, 1.8e26),
            hardware_operations_expected=1.5e26,
            training_operations=span(7.2e25, 1.2e26, 1.8e26),
            training_probability=0.97,
        ),
        "methods": (
            MethodLine(
                method="counters",
                accelerator_hours=20_000_000.0,
                binding_ratio=0.83,
                operations=span(6e25, 1e26, 1.4e26),
            ),
            MethodLine(
                method="allocation",
                accelerator_hours=24_000_000.0,
                binding_ratio=0.17,
                operations=span(2e25, 8e25, 2.4e26),
            ),
        ),
    } | _beside()


def _beside() -> dict[str, Any]:
    """What stands beside the methods: what was stated, what hours rest on, what was declared."""
    return {
        "metered_since": at(0),
        "openings": (
            OpeningLine(
                tenant_id="t-2",
                at=at(0),
                basis="provider_estimate",
                accelerator_hours=100_000.0,
                operations=span(1e23, 2e23, 4e23),
                training_expected=2e23,
            ),
        ),
        "bases": (
            BasisLine(basis="counters", accelerator_hours=20_000_000.0, ratio=0.83),
            BasisLine(basis="allocation", accelerator_hours=2_800_000.0, ratio=0.12),
            BasisLine(basis="silence", accelerator_hours=1_200_000.0, ratio=0.05),
        ),
        "declared": (
            DeclaredLine(
                tenant_id="t-1",
                declaration_id="d-1",
                model_name="Model One",
                operations=5e25,
                basis="6 x parameters x tokens",
            ),
        ),
    }


def _parts() -> dict[str, Any]:
    return {
        "runs": Shown(
            lines=(
                part(
                    "data/one",
                    0.8,
                    0.98,
                    counts_in=("low", "expected", "high"),
                    reasons=("The nodes were in step 97 %: speaks for training (+1.4).",),
                ),
                part("job/t-2/two", 0.2, 0.3, counts_in=("high",)),
            ),
            count=5,
            shown_ratio=0.99,
        ),
        "tenants": Shown(
            lines=(part("t-1", 0.8, 0.98), part("t-2", 0.2, 0.3)), count=2, shown_ratio=1
        ),
        "agreement": Agreement(between_runs=0.6, between_tenants=0.3),
        "hardware": (
            HardwareLine(
                accelerator="H100-SXM5-80GB", accelerator_hours=2.3e7, peak_operations=3.1e26
            ),
            HardwareLine(accelerator="odd chip", accelerator_hours=1e6, peak_operations=0.0),
        ),
    }


def _conclusions() -> dict[str, Any]:
    return {
        "period_days": 1,
        "periods": periods(grown()),
        "thresholds": (
            ThresholdLine(
                policy_id="us-iaas-nprm-2024",
                threshold_id="operations-1e26",
                legal_status="proposed",
                operations=1e26,
                comparison="gt",
                probability=0.73,
                is_likely=True,
                crossed_at=CrossedAt(earliest=at(6.7), likely=at(10), certain=None),
            ),
        ),
        "binding": Binding(assumption="silence", width_ratio=2.5, settled_width_ratio=1.6),
        "what_if": (
            WhatIf(
                id="allocation-alone",
                because="no counter, use or power had been metered, the allocation alone",
                training_operations=span(2e25, 8e25, 2.4e26),
                flips=("no longer passes operations-1e26 of us-iaas-nprm-2024",),
            ),
            WhatIf(
                id="rules-alone",
                because="training were judged by rules alone, without the classifier",
                training_operations=span(7.2e25, 1.2e26, 1.8e26),
                flips=(),
            ),
        ),
        "who": Who(
            name="Ada Owner",
            person_status="foreign",
            reasons=("Ada Owner (owner-1) has nationality FR and residence in FR on record.",),
            headquarters=(),
            owner_ids=("owner-1",),
            ownership=group(),
        ),
        "unseen": ("Nothing is known of the time before 2026-03-01 00:00 UTC.",),
        "provenance": Provenance(
            code="trainwatch 0.1.0",
            policy="sha256:77aa01c2",
            lists=(),
            classifier=None,
            catalogues=("accelerators.csv sha256:1b2c3d4e",),
        ),
    }


def nothing() -> Explanation:
    """Give a tenant whose only hour was on hardware that nobody knows."""
    none = span(0, 0, 0)
    hour = Period(
        start=at(0),
        end=at(1 / 24),
        accelerator_hours=1.0,
        operations=none,
        unmetered_ratio=1.0,
        silent_ratio=0.0,
        cumulated=none,
    )
    return explanation(
        scope="tenant",
        subject_id="t-0",
        tenant_ids=("t-0",),
        last_end=at(1 / 24),
        figures=Figures(
            accelerator_hours=1.0,
            metered_hours=1.0,
            metered_hardware_expected=0.0,
            peak_operations=0.0,
            operations=none,
            hardware_operations_expected=0.0,
            training_operations=none,
            training_probability=None,
        ),
        methods=(),
        bases=(),
        openings=(),
        declared=(),
        runs=Shown(lines=(_idle("unattributed/t-0"),), count=1, shown_ratio=1.0),
        tenants=Shown(lines=(_idle("t-0"),), count=1, shown_ratio=1.0),
        hardware=(HardwareLine(accelerator="odd", accelerator_hours=1.0, peak_operations=0.0),),
        periods=(hour,),
        thresholds=(),
        binding=None,
        what_if=(),
    )


def _idle(name: str) -> PartLine:
    none = span(0, 0, 0)
    return PartLine(
        id=name,
        tenant_ids=("t-0",),
        accelerator_hours=1.0,
        operations=none,
        training_operations=none,
        training_probability=None,
    )


def flat() -> Curve:
    """Give the curve of an hour in which nothing trained."""
    return Curve((at(1 / 24),), (0.0,), (0.0,), (0.0,), (at(0),))


def templates() -> dict[str, str]:
    """Read the templates as shipped."""
    folder = ROOT / "detector/explain/templates"
    return {name: (folder / name).read_text(encoding="utf-8") for name in TEMPLATES}


def files() -> dict[str, str]:
    """Give the approved files by name."""
    told = explanation()
    drawing = draw(told, grown())
    return {
        "explain-owner.txt": render_text(told),
        "explain-nothing.txt": render_text(nothing()),
        "explain-owner.svg": render_svg(drawing, templates()),
        "explain-owner.html": render_page(told, drawing, templates()),
        "explain-owner-owners.svg": render_ownership(told) or "",
    }


if __name__ == "__main__":
    for name, text in files().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
    PICTURE.write_text(ownership_svg(group(), "Lin Example"), encoding="utf-8")
