"""Points fitted to labelled pairs: never upwards, the same for the same cases in any order."""

from __future__ import annotations

from rigour.names import NameTypeTag

from detector.screening.fitting import FITTED, Case, fit, is_fitted, out_of_fold
from detector.screening.likeness import FEATURES


def case(is_same: bool, group: str, **values: float) -> Case:
    told = tuple(values.get(name, 0.0) for name in FEATURES)
    return Case(NameTypeTag.PER, told, is_same, group)


CASES = [case(True, f"same-{n}", listed_unmatched=n / 40) for n in range(20)] + [
    case(False, f"other-{n}", ours_unmatched=0.5 + n / 40, other_number=0.0) for n in range(20)
]


def test_what_tells_parties_apart_lowers_the_odds_and_nothing_raises_them() -> None:
    points = fit(CASES)[NameTypeTag.PER]
    told = dict(zip(FITTED, points.features, strict=True))
    assert points.base > 0
    assert told["ours_unmatched"] < -2
    assert max(told.values()) <= 0
    assert told["other_first_part"] <= -1.5


def test_the_order_of_cases_changes_nothing() -> None:
    assert fit(CASES[::-1]) == fit(CASES)


def test_an_acronym_is_stated_and_not_fitted_to() -> None:
    short = case(False, "short", acronym=1.0)
    assert not is_fitted(short)
    assert fit([*CASES, short]) == fit(CASES)


def test_cases_out_of_fold_are_told_apart_where_they_can_be() -> None:
    told = out_of_fold(CASES)
    assert min(told[:20]) > 0 > max(told[20:])
