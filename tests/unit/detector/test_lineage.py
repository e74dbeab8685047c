"""Lines of AI models: they accumulate, are never reset, and may not run in circles."""

from __future__ import annotations

from typing import Any

from detector.facts import Interval
from detector.lineage import Declared, lines
from detector.linked import Line

TRAINING = {
    "run-base": Interval(4.0, 8.0, 16.0),
    "run-more": Interval(1.0, 2.0, 4.0),
    "run-tuned": Interval(0.5, 1.0, 2.0),
}


def declared(name: str, base: str | None = None, **changes: Any) -> Declared:
    """Give a declaration of tenant t whose one run is named after the model."""
    given: dict[str, Any] = {
        "tenant_id": "t",
        "declaration_id": f"d-{name}",
        "model_name": name,
        "base_model": base,
        "base_operations": None,
        "runs": (f"run-{name}",),
        "kin": frozenset({"t"}),
    }
    return Declared(**(given | changes))


def found(*models: Declared) -> dict[str, Line]:
    return {line.declaration_id: line for line in lines(models, TRAINING)}


def test_a_line_adds_up_through_every_base_model() -> None:
    chain = (declared("base"), declared("more", "base"), declared("tuned", " MORE "))
    assert found(*chain) == {
        "d-more": Line(
            tenant_id="t",
            declaration_id="d-more",
            models=("more", "base"),
            own_runs=("run-more",),
            runs=("run-base", "run-more"),
            training=Interval(5.0, 10.0, 20.0),
            stated_operations=0.0,
            is_cyclic=False,
        ),
        "d-tuned": Line(
            tenant_id="t",
            declaration_id="d-tuned",
            models=("tuned", "more", "base"),
            own_runs=("run-tuned",),
            runs=("run-base", "run-more", "run-tuned"),
            training=Interval(5.5, 11.0, 22.0),
            stated_operations=0.0,
            is_cyclic=False,
        ),
    }


def test_what_the_customer_says_of_its_base_counts_in_expected_and_high_but_not_in_low() -> None:
    (line,) = found(declared("tuned", "elsewhere", base_operations=100.0)).values()
    assert line.training == Interval(0.5, 101.0, 102.0)
    assert (line.stated_operations, line.models) == (100.0, ("tuned", "elsewhere"))


def test_the_larger_of_what_was_metered_and_what_was_said_of_a_base_holds() -> None:
    base = declared("base")
    too_little = found(base, declared("tuned", "base", base_operations=3.0))["d-tuned"]
    assert (too_little.training, too_little.stated_operations) == (Interval(4.5, 9.0, 18.0), 0.0)
    more = found(base, declared("tuned", "base", base_operations=30.0))["d-tuned"]
    assert (more.training, more.stated_operations) == (Interval(4.5, 31.0, 32.0), 30.0)


def test_a_run_that_two_models_of_a_line_name_counts_once() -> None:
    twice = declared("tuned", "base", runs=("run-base", "run-tuned"))
    assert found(declared("base"), twice)["d-tuned"].training == Interval(4.5, 9.0, 18.0)


def test_models_that_name_each_other_as_base_end_where_the_circle_closes() -> None:
    circle = found(declared("base", "tuned"), declared("tuned", "base"))
    assert {name: line.models for name, line in circle.items()} == {
        "d-base": ("base", "tuned"),
        "d-tuned": ("tuned", "base"),
    }
    assert {line.training.expected for line in circle.values()} == {9.0}
    assert all(line.is_cyclic for line in circle.values())
    assert found(declared("tuned", "tuned"))["d-tuned"].models == ("tuned", "tuned")


def test_a_base_model_of_kin_is_meant_and_a_strangers_of_the_same_name_is_not() -> None:
    theirs = declared("base", tenant_id="u")
    stranger = found(theirs, declared("tuned", "base"))["d-tuned"]
    assert stranger.training == Interval(0.5, 1.0, 2.0)
    kin = found(theirs, declared("tuned", "base", kin=frozenset({"t", "u"})))["d-tuned"]
    assert kin.training == Interval(4.5, 9.0, 18.0)


def test_a_model_without_base_or_without_runs_has_no_line() -> None:
    assert found(declared("base"), declared("tuned", "base", runs=())) == {}
