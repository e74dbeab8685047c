"""Names that look like one that is not known."""

from __future__ import annotations

from detector.policy.near import near


def test_names_that_start_alike_are_shown_the_most_alike_first() -> None:
    known = ["H200-NVL-141GB", "H200-SXM-141GB", "B200-SXM", "p5.48xlarge", "A100-SXM4-80GB"]
    assert near("H200-SXM", known) == ("H200-SXM-141GB", "H200-NVL-141GB")
    assert near(" P5.96xlarge", known) == ("p5.48xlarge",)
    assert near("A1000", known, 1) == ("A100-SXM4-80GB",)
    assert near("zzz", known) == ()
    assert near("", known) == ()
    assert near("H200", []) == ()
