"""TPP, performance density and paragraph: by rule, and against what the file says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from detector.policy.catalogue import KEYS, read_catalogue
from detector.policy.export_control import Performance, parse_export_limits, performance
from detector.policy.kinds import Kind, kinds_of

REFERENCE = Path(__file__).parents[3] / "detector" / "policy" / "reference"
LIMITS = parse_export_limits((REFERENCE / "export_control.toml").read_text(encoding="utf-8"))
ROWS = read_catalogue({name: (REFERENCE / name).read_text(encoding="utf-8") for name in KEYS}).rows[
    "accelerators.csv"
]
KINDS = kinds_of(ROWS)


def test_the_rule_gives_what_the_file_says_of_every_package() -> None:
    reviews = {"within": True, "outside": False, "n/a": None}
    for row in ROWS.iter_rows(named=True):
        kind = KINDS[row["sku"]]
        if kind.part_of is not None:
            assert (row["tpp"], row["performance_density"]) == (None, None), row["sku"]
            continue
        found = performance(kind, LIMITS)
        assert found.tpp_precision == row["tpp_precision"], row["sku"]
        assert _close(found.tpp, row["tpp"], 0.5), row["sku"]
        assert _close(found.density, row["performance_density"], 0.006), row["sku"]
        assert row["eccn_guess"].split(" ")[0] == found.paragraph, row["sku"]
        assert reviews[row["china_case_by_case_2026"]] == found.is_case_by_case, row["sku"]


def _close(computed: float | None, written: str | None, tolerance: float) -> bool:
    if computed is None or written is None:
        return computed is None and written is None
    return abs(computed - float(written)) <= tolerance


def test_a_half_of_a_package_has_half_its_peaks() -> None:
    halves = [kind for kind in KINDS.values() if kind.part_of is not None]
    assert sorted(kind.sku for kind in halves) == [
        "Ascend-910C-die",
        "K80-GK210",
        "M60-GM204",
        "MI250-GCD",
        "MI250X-GCD",
        "TPU-v2-core",
        "TPU-v3-core",
    ]
    for half in halves:
        whole = KINDS[half.part_of or ""]
        doubled = {name: 2 * peak for name, peak in half.peaks.items()}
        assert doubled == pytest.approx(dict(whole.peaks)), half.sku


@pytest.mark.parametrize(
    ("changes", "paragraph", "because"),
    [
        ({"peaks": {"fp16": 300.0}}, "3A090.a", "TPP of 4800 or more"),
        ({"peaks": {"int8": 600.0}}, "3A090.a", "TPP of 4800 or more"),
        ({"peaks": {"tf32": 300.0}}, "undetermined", "no peak is known"),
        (
            {"peaks": {"fp16": 100.0}, "die_area_mm2": 1600 / 5.92},
            "3A090.a",
            "TPP of 1600 or more, density of 5.92 or more",
        ),
        (
            {"peaks": {"fp16": 150.0}, "die_area_mm2": 1500.0},
            "3A090.b",
            "TPP of 2400 or more, below 4800, density of 1.6 or more, below 5.92",
        ),
        (
            {"peaks": {"fp16": 100.0}, "die_area_mm2": 500.0},
            "3A090.b",
            "TPP of 1600 or more, density of 3.2 or more, below 5.92",
        ),
        ({"peaks": {"fp16": 100.0}, "die_area_mm2": 501.0}, "none", "it reaches no paragraph"),
        (
            {"peaks": {"fp16": 100.0}, "die_area_mm2": None},
            "undetermined",
            "the area of its dies is not known",
        ),
        (
            {"peaks": {"fp16": 299.9}, "for_datacenters": False},
            "none",
            "not marketed for data centres and TPP below 4800",
        ),
        ({"peaks": {"fp16": 300.0}, "for_datacenters": False}, "3A090.a", "TPP of 4800 or more"),
    ],
)
def test_a_kind_falls_under_the_first_paragraph_whose_limits_all_hold(
    changes: dict[str, object], paragraph: str, because: str
) -> None:
    kind: Kind = dataclasses.replace(KINDS["A100-SXM4-80GB"], **changes)  # type: ignore[arg-type]
    found = performance(kind, LIMITS)
    assert (found.paragraph, found.because) == (paragraph, because)


def test_the_largest_product_of_rate_and_bits_counts_and_tf32_does_not() -> None:
    assert performance(KINDS["H100-SXM5-80GB"], LIMITS) == Performance(
        tpp=15831.2,
        tpp_precision="fp8",
        density=15831.2 / 814,
        paragraph="3A090.a",
        because="TPP of 4800 or more",
        is_case_by_case=True,
    )
    planar = performance(KINDS["K80"], LIMITS)
    assert (planar.density, planar.paragraph) == (None, "none")
