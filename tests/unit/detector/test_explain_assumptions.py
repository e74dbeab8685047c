"""What each changed assumption changes, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from detector.assess import Moment
from detector.explain import catalogued, metered, utilised
from detector.explain.scene import Scene, Setting, lay_open, scene
from detector.explain.unseen import unseen
from detector.explain.what_if import Tried, binding, tried
from detector.facts import Interval
from detector.meaning import Meaning
from detector.parties import Parties, PartyBook
from features.accumulate import Usage, accumulate
from features.compute import specify
from features.prior import shares
from features.schema import RECORDS
from streams.packaged import build_meaning
from tests.support.story import PACK_ID, policy_folder
from tests.support.usage_rows import BEGIN, HOUR, small_catalogue, usage_frame, usage_row

NOW = BEGIN + timedelta(days=2)
BUSY = {"telemetry.tensor_active": 0.5, "telemetry.power_w": 600.0}


@pytest.fixture(scope="module")
def meaning(tmp_path_factory: pytest.TempPathFactory) -> Meaning:
    folder = policy_folder(tmp_path_factory.mktemp("policy"))
    whole = build_meaning([str(folder / f"{PACK_ID}.toml")])
    return replace(whole, catalogue=small_catalogue(), classifier=None)


def setting(usage: Usage, meaning: Meaning) -> Setting:
    hour = int(NOW.timestamp()) // 3600
    nothing = pl.DataFrame(schema={**RECORDS, "hour": pl.Int32})
    parties = Parties(PartyBook(nothing, meaning.countries), nothing, NOW)
    return Setting(usage, hour, Moment(NOW, hour), parties, meaning)


def usage(*rows: dict[str, object]) -> Usage:
    return accumulate(usage_frame(rows))


def two_hours(**first: object) -> Usage:
    """One H100 for two hours of one job; the second was not metered."""
    return usage(
        usage_row(0, HOUR, job_id="j", **BUSY, **first),
        usage_row(HOUR, 2 * HOUR, job_id="j", **first),
    )


def shown(of: Setting) -> Scene:
    found = scene(lay_open(of), "tenant", "t")
    assert found is not None
    return found


def expected(of: Setting) -> float:
    return shown(of).facts.operations.expected


def test_without_telemetry_the_allocation_speaks_for_every_hour(meaning: Meaning) -> None:
    state = two_hours()
    told = shown(setting(metered.blind(state), meaning)).facts
    assert [each.method for each in told.estimates] == ["allocation"]
    assert told.accelerator_hours == 2
    assert told.operations.expected == pytest.approx(2 * 3600 * 1e15 * 0.3, rel=0.01)


def test_a_silent_hour_filled_is_like_the_one_that_was_metered(meaning: Meaning) -> None:
    of = setting(two_hours(), meaning)
    first = expected(setting(usage(usage_row(0, HOUR, job_id="j", **BUSY)), meaning))
    filled = replace(of, usage=metered.throughout(of, shown(of).cells))
    assert expected(filled) == pytest.approx(2 * first)
    assert shown(filled).facts.silent_ratio == 0


def test_a_vantage_that_is_left_out_takes_its_hours_along(meaning: Meaning) -> None:
    state = usage(
        usage_row(0, HOUR, vantage="host"),
        usage_row(HOUR, 2 * HOUR, vantage="bill"),
    )
    assert metered.vantages(state, ["t"]) == ["bill", "host"]
    assert metered.vantages(state, ["another"]) == []
    for vantage in ("bill", "host"):
        left = metered.without(state, vantage)
        assert shown(setting(left, meaning)).facts.accelerator_hours == 1


def test_a_settled_precision_leaves_the_peak_one_value(meaning: Meaning) -> None:
    catalogue = meaning.catalogue
    state = usage(usage_row(0, HOUR))
    before = specify(state.strands, catalogue).row(0, named=True)
    assert (before["peak_expected"], before["peak_high"]) == (1e15, 2e15)
    for precision, peak in (("bf16", 1e15), ("fp8", 2e15)):
        known = replace(catalogue, accelerators=catalogued.with_precision(catalogue, precision))
        strands = catalogued.stated(state, precision).strands
        after = specify(strands, known).row(0, named=True)
        assert (after["peak_expected"], after["peak_high"]) == (peak, peak)


def test_precision_is_open_unless_the_providers_own_vantage_saw_it(meaning: Meaning) -> None:
    for stated, vantage, is_open in (
        (None, "host", True),
        ("bf16", "guest", True),
        ("bf16", "host", False),
        ("bf16", None, False),
    ):
        of = setting(usage(usage_row(0, HOUR, precision=stated, vantage=vantage)), meaning)
        assert catalogued.is_precision_open(of.usage.strands, shown(of).cells) is is_open


def test_a_doubtful_name_is_resolved_and_a_plain_one_is_kept(meaning: Meaning) -> None:
    of = setting(usage(usage_row(0, HOUR, accelerator="big")), meaning)
    cells = shown(of).cells
    assert list(catalogued.candidates(cells)) == [
        ("BIG-1 | BIG-2", "BIG-1"),
        ("BIG-1 | BIG-2", "BIG-2"),
    ]
    assert catalogued.skus(cells) == ["BIG-1", "BIG-2"]
    kept = catalogued.resolved(of.meaning.catalogue, "BIG-1 | BIG-2", "BIG-2")
    assert sorted(kept.select("alias_key", "sku").rows()) == [("big", "BIG-2"), ("h100", "H100")]


def test_a_catalogue_row_is_lowered_by_a_tenth_and_no_other(meaning: Meaning) -> None:
    lower = catalogued.lowered(meaning.catalogue, "H100").sort("alias_key", "sku")
    assert lower["peak_16bit"].to_list() == pytest.approx([1e15, 2e15, 0.9e15])
    assert lower["tdp_w"].to_list() == [700.0, 1000.0, 700.0]


def test_the_ends_of_the_prior_become_its_only_value() -> None:
    place = pl.DataFrame(
        {
            "generation": ["hopper", None],
            "devices": [8.0, None],
            "age_hours": [500.0, 2.0],
            "stated_bits": [16, None],
            "service_class": ["managed_training", None],
            "is_eight_bit_open": [False, None],
        }
    )
    prior = build_meaning([]).catalogue.prior
    now = place.select(**shares(prior))
    for changed, end in (
        (utilised.settled(prior), "expected"),
        (utilised.at(prior, "low"), "low"),
        (utilised.at(prior, "high"), "high"),
    ):
        after = place.select(**shares(changed))
        wanted = now[f"prior_{end}"][0]
        assert list(after.row(0)) == pytest.approx([wanted] * 3)


def test_the_widest_outcome_of_settling_counts_and_little_gain_is_no_answer(
    meaning: Meaning,
) -> None:
    of = setting(two_hours(), meaning)
    facts = replace(shown(of).facts, training=shown(of).facts.operations)
    found = tried(of, shown(of))
    none = [each for each in found if each.variant.settles is None]
    assert binding(facts, none) is None
    one = replace(found[0].variant, settles="hardware")
    tight, wide = facts.operations, Interval(1.0, 2.0, 1e9)
    assert binding(facts, [Tried(one, tight, tight), Tried(one, wide, wide)]) is None
    exact = Interval(5.0, 5.0, 5.0)
    told = binding(facts, [Tried(one, exact, exact)])
    assert told is not None
    assert (told.assumption, told.settled_width_ratio) == ("hardware", 1.0)


def test_hours_that_no_event_covers_are_told(meaning: Meaning) -> None:
    told = {}
    for begin in (1, 3):
        state = usage(
            usage_row(0, HOUR // 2, job_id="j", **BUSY),
            usage_row(begin * HOUR, begin * HOUR + HOUR, job_id="j", **BUSY),
        )
        opened = lay_open(setting(state, meaning))
        found = scene(opened, "tenant", "t")
        assert found is not None
        told[begin] = [text for text in unseen(opened, found) if "no event" in text]
    assert told == {
        1: [],
        3: [
            "In 2 of the 4 hours from first to last no event covers anything: nothing is counted "
            "of them, whether nothing was held or it was not metered."
        ],
    }
