"""The book of a recorder: what samples make of intervals, to the last digit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from streams.record.book import Book, Closed, Rules
from streams.record.figures import Device, Figures, Sample

RULES = Rules(
    cadence_ms=10_000,
    hold_ms=3_000,
    covered_ratio_min=0.5,
    counter_over_power_max=4.0,
    comparable_power_w_min=20.0,
)
H100 = "NVIDIA H100 80GB HBM3"
A, B = (Device(f"GPU-{n}", str(n), H100) for n in range(2))
JOULE = 1_000_000


def reading(watts: int, energy_j: int | None = None, **ratios: float) -> Figures:
    levels = {"power_w": watts * 1_000}
    levels |= {name: round(value * 1_000_000) for name, value in ratios.items()}
    return Figures(levels, None if energy_j is None else energy_j * JOULE)


def kept(
    samples: Mapping[int, Mapping[Device, Figures]], end_ms: int, rules: Rules = RULES
) -> list[Closed]:
    book = Book(rules, 0)
    closed: list[Closed] = []
    for at_ms, figures in samples.items():
        closed += book.add(Sample(at_ms, figures))
    return [*closed, *book.close(end_ms, "stop")]


def interval(start_ms: int, end_ms: int, why: str, count: int = 1, **telemetry: float) -> Closed:
    basis = "power" if "energy_j" in telemetry else None
    return Closed(start_ms, end_ms, H100, None, count, telemetry, basis, why)


def test_means_and_spread_are_exact_and_energy_is_power_times_time() -> None:
    samples = {at: {A: reading(100 if at <= 5_000 else 300)} for at in range(0, 10_001, 1_000)}
    assert kept(samples, 10_000) == [
        interval(0, 10_000, "cadence", power_w=200.0, power_w_std=100.0, energy_j=2000.0)
    ]


def test_a_reading_across_the_boundary_counts_on_both_sides_by_time() -> None:
    samples = {0: {A: reading(100)}, 9_000: {A: reading(100)}, 11_000: {A: reading(300)}}
    rules = replace(RULES, hold_ms=9_000)
    assert kept(samples, 11_000, rules) == [
        interval(0, 10_000, "cadence", power_w=120.0, power_w_std=60.0, energy_j=1200.0),
        interval(10_000, 11_000, "stop", power_w=300.0, power_w_std=0.0, energy_j=300.0),
    ]


def test_the_growth_of_a_counter_is_the_energy_whatever_power_says_and_nothing_is_lost() -> None:
    samples = {at: {A: reading(100, at * 7 // 60)} for at in range(0, 21_001, 1_500)}
    closed = kept(samples, 21_000)
    assert [each.energy_basis for each in closed] == ["counter"] * 3
    given = [each.telemetry["energy_j"] for each in closed]
    assert given == [1166.667, 1166.667, 116.667]  # of 2,450 J, each to the nearest millijoule


def test_a_counter_that_was_set_back_leaves_that_slot_out_and_is_told() -> None:
    counter = [0, 200, 400, 5, 205]
    book = Book(RULES, 0)
    for step, joules in enumerate(counter):
        book.add(Sample(step * 2_000, {A: reading(100, joules)}))
    (closed,) = book.close(8_000, "stop")
    assert (closed.telemetry["energy_j"], closed.energy_basis) == (800.0, "counter")
    assert book.drops.take() == [("energy_j", "counter_reset", 1)]


def test_a_counter_in_another_unit_than_thought_is_dropped_for_the_power() -> None:
    book = Book(RULES, 0)
    for at in range(0, 10_001, 1_000):
        closed = book.add(Sample(at, {A: reading(500, at * 500)}))
    assert closed == [
        interval(0, 10_000, "cadence", power_w=500.0, power_w_std=0.0, energy_j=5000.0)
    ]
    assert book.drops.take() == [("energy_j", "counter_unlike_power", 1)]


def test_silence_has_hours_of_its_own_and_no_telemetry() -> None:
    samples = {at: {A: reading(100)} for at in (0, 1_000, 2_000, 15_000, 16_000)}
    assert kept(samples, 16_000) == [
        interval(0, 2_000, "silence", power_w=100.0, power_w_std=0.0, energy_j=200.0),
        interval(2_000, 10_000, "cadence"),
        interval(10_000, 15_000, "silence"),
        interval(15_000, 16_000, "stop", power_w=100.0, power_w_std=0.0, energy_j=100.0),
    ]


def test_a_tool_that_never_speaks_leaves_the_hours_of_what_was_declared() -> None:
    rules = replace(RULES, declared=(H100, 8))
    assert kept({}, 12_000, rules) == [
        interval(0, 10_000, "cadence", 8),
        interval(10_000, 12_000, "stop", 8),
    ]


def test_hours_before_the_first_word_of_the_tool_count_once_it_says_what_is_there() -> None:
    assert kept({12_000: {A: reading(100)}}, 12_000) == [
        interval(0, 10_000, "cadence"),
        interval(10_000, 12_000, "silence"),
    ]


def test_a_device_that_falls_off_the_bus_keeps_its_hours_and_the_others_speak_for_it() -> None:
    samples: dict[int, dict[Device, Figures]] = {}
    for at in range(0, 10_001, 1_000):
        samples[at] = {A: reading(100)} | ({B: reading(300)} if at <= 2_000 else {})
    assert kept(samples, 10_000) == [
        interval(0, 10_000, "cadence", 2, power_w=133.333, power_w_std=74.536, energy_j=1333.333)
    ]


def test_devices_that_join_begin_an_interval_of_their_own() -> None:
    samples = {0: {A: reading(100)}, 2_000: {A: reading(100)}}
    later = {4_000: {A: reading(100), B: reading(100)}}
    assert kept(samples | later, 4_000) == [
        interval(0, 2_000, "devices", power_w=100.0, power_w_std=0.0, energy_j=200.0),
        interval(2_000, 4_000, "stop", 2, power_w=100.0, power_w_std=0.0, energy_j=200.0),
    ]


def test_a_board_that_is_cut_into_instances_is_no_longer_held_whole() -> None:
    parts = [Device("GPU-0", "0", H100, "3g.40gb", number) for number in "12"]
    figures = {part: Figures({"tensor_active": 500_000}) for part in parts}
    samples = {0: {A: reading(100)}, 2_000: {A: reading(100)}, 4_000: figures}
    assert [(each.profile, each.count) for each in kept(samples, 4_000)] == [
        (None, 1),
        ("3g.40gb", 2),
    ]


def test_after_a_jump_of_the_clock_nothing_read_before_counts() -> None:
    book = Book(RULES, 0)
    book.add(Sample(0, {A: reading(100, 10)}))
    book.add(Sample(2_000, {A: reading(100, 210)}))
    (before,) = book.close(2_500, "clock")
    book.reopen(3_600_000)
    book.add(Sample(3_601_000, {A: reading(300, 900)}))
    (after,) = book.close(3_601_000, "stop")
    assert (before.end_ms, before.why) == (2_500, "clock")
    assert after == interval(
        3_600_000, 3_601_000, "stop", power_w=300.0, power_w_std=0.0, energy_j=300.0
    )
