"""The classifier: what it refuses to load, what it says and why, with an artefact and without."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from detector.classifier.classify import (
    PROBABILITIES,
    RULES_ALONE,
    UNLIKE,
    Classifier,
    classify,
    load,
    reasons_of,
)
from detector.classifier.kinds import CLASSES, OTHER_CLASSES, class_sentence
from detector.classifier.manifest import (
    FEATURE_NAMES,
    Manifest,
    ManifestError,
    check,
    library_versions,
    read_manifest,
)
from detector.classifier.words import FEATURE_WORDS, sentence

FOLDER = Path(__file__).resolve().parents[3] / "detector" / "classifier" / "artefact"
ARTEFACT = (FOLDER / "classifier.skops").read_bytes()
SHIPPED = read_manifest((FOLDER / "manifest.json").read_text("utf-8"), "manifest.json")

PRETRAINING = {
    "tensor_active_mean": 0.45,
    "tensor_active_std": 0.02,
    "gpu_util_mean": 0.97,
    "gpu_util_std": 0.03,
    "sm_active_mean": 0.8,
    "dram_active_mean": 0.5,
    "fp64_active_mean": 0.001,
    "power_ratio_mean": 0.85,
    "power_ratio_std": 0.03,
    "nvlink_bytes_per_device_second": 2e11,
    "fabric_bytes_per_device_second": 1e10,
    "ingress_bytes_per_device_second": 1e4,
    "egress_bytes_per_device_second": 1e3,
    "storage_write_bytes_per_device_second": 2e6,
    "sync_ratio_mean": 0.95,
    "devices_max": 4096.0,
    "duration_hours": 480.0,
    "duty_ratio": 0.97,
    "day_night_ratio": 0.05,
    "telemetry_ratio": 1.0,
    "gang_start_ratio": 1.0,
    "gang_stop_ratio": 1.0,
}
IDLE = {
    "tensor_active_mean": 0.0,
    "gpu_util_mean": 0.01,
    "power_ratio_mean": 0.12,
    "devices_max": 8.0,
    "duration_hours": 480.0,
    "duty_ratio": 1.0,
    "day_night_ratio": 0.01,
    "telemetry_ratio": 1.0,
}


def rows(*given: dict[str, float]) -> pl.DataFrame:
    shares = {name: 0.0 for name in FEATURE_NAMES if name.startswith("share_")}
    return pl.DataFrame(
        [{**shares, **row} for row in given], schema=dict.fromkeys(FEATURE_NAMES, pl.Float64)
    )


def alone(devices: int, days: int) -> dict[str, float]:
    return {
        "devices_max": float(devices),
        "duration_hours": 24.0 * days,
        "duty_ratio": 1.0,
        "day_night_ratio": 0.0,
        "telemetry_ratio": 0.0,
        "gang_start_ratio": 1.0,
        "gang_stop_ratio": 1.0,
    }


@pytest.fixture(scope="module")
def shipped() -> Classifier:
    return load(SHIPPED, ARTEFACT, library_versions())


def changed(**fields: object) -> Manifest:
    return SHIPPED.model_copy(update=fields)


def test_the_shipped_artefact_agrees_with_its_manifest_and_is_small() -> None:
    check(SHIPPED, ARTEFACT, library_versions())
    assert sha256(ARTEFACT).hexdigest() == SHIPPED.artefact_sha256
    assert len(ARTEFACT) < 1_500_000


@pytest.mark.parametrize(
    ("manifest", "artefact", "message"),
    [
        (SHIPPED, ARTEFACT + b" ", "expected an artefact with sha256 .* restore the file"),
        (
            changed(feature_names=FEATURE_NAMES[1:]),
            ARTEFACT,
            r"missing \['tensor_active_mean'\], unknown \[\]; run `make train`",
        ),
        (changed(feature_names=FEATURE_NAMES[::-1]), ARTEFACT, "but the order differs"),
        (
            changed(versions={**library_versions(), "skops": "0.1"}),
            ARTEFACT,
            "fitted with skops 0.1, found .* install the locked requirements",
        ),
        (
            changed(class_names=CLASSES[::-1]),
            ARTEFACT,
            r"the manifest names \['other', .*make train",
        ),
        (
            changed(trusted_types=(*SHIPPED.trusted_types, "os.system")),
            ARTEFACT,
            r"types that were not audited: \['os.system'\]; do not load it",
        ),
        (changed(trusted_types=()), ARTEFACT, "holds types its manifest does not list: .*sklearn"),
        (
            changed(artefact_sha256=sha256(b"no archive").hexdigest()),
            b"no archive",
            "expected an artefact that skops wrote, got File is not a zip file; run `make train`",
        ),
    ],
)
def test_an_artefact_is_refused_when_anything_differs(
    manifest: Manifest, artefact: bytes, message: str
) -> None:
    with pytest.raises(ManifestError, match=message):
        load(manifest, artefact, library_versions())


def test_a_manifest_that_is_not_one_is_refused_by_name_and_place() -> None:
    with pytest.raises(ManifestError, match="here.json: expected a classifier manifest, but at "):
        read_manifest('{"seed": 1}', "here.json")
    with pytest.raises(ManifestError, match="here.json: expected a classifier manifest, but at "):
        read_manifest(b"\xff\xfe", "here.json")


def test_pretraining_is_training_and_an_idle_reservation_is_not(shipped: Classifier) -> None:
    given = classify(rows(PRETRAINING, IDLE), shipped)
    assert given.schema == PROBABILITIES
    assert given["training_probability"][0] >= 0.9
    assert given["training_probability"][1] <= 0.1
    assert given["is_abstained"].to_list() == [False, False]
    assert all("speaks" in reason for reason in given["contributions"][0])
    assert 1 <= len(given["contributions"][0]) <= 4


def test_an_allocation_without_counters_is_less_sure_than_one_with(shipped: Classifier) -> None:
    small, large = classify(rows(alone(8, 10), alone(8192, 10)), shipped)["training_probability"]
    assert 0.1 < small < 0.65
    assert 0.5 < large < 0.95
    assert small < large


def test_more_accelerators_never_speak_against_training(shipped: Classifier) -> None:
    sizes = [{**PRETRAINING, "devices_max": float(2**n)} for n in range(16)]
    given = classify(rows(*sizes), shipped)["training_probability"]
    assert given.is_sorted()


def test_what_lies_outside_all_fitted_rows_is_said(shipped: Classifier) -> None:
    (reasons,) = classify(rows({**PRETRAINING, "devices_max": 1e9}), shipped)["contributions"]
    assert reasons[-1] == "Outside what the classifier was fitted on: devices_max."


def test_a_probability_never_depends_on_the_rows_beside_it(shipped: Classifier) -> None:
    together = classify(rows(PRETRAINING, IDLE, alone(64, 3)), shipped)
    apart = pl.concat(classify(rows(r), shipped) for r in (PRETRAINING, IDLE, alone(64, 3)))
    assert together.equals(apart)


@pytest.mark.parametrize("is_fitted", [True, False])
def test_no_rows_give_no_probabilities(shipped: Classifier, *, is_fitted: bool) -> None:
    given = classify(rows(), shipped if is_fitted else None)
    assert given.equals(pl.DataFrame(schema=PROBABILITIES))


def test_rules_alone_say_so_and_tell_the_plain_cases_apart() -> None:
    given = classify(rows(PRETRAINING, IDLE, alone(1, 10)), None)
    assert [reasons[0] for reasons in given["contributions"]] == [RULES_ALONE] * 3
    first, second, third = given["training_probability"]
    assert first > 0.95
    assert second < 0.05
    assert 0.2 < third < 0.4


def test_every_feature_has_words() -> None:
    assert tuple(FEATURE_WORDS) == FEATURE_NAMES


@pytest.mark.parametrize(
    ("feature", "value", "log_odds", "expected"),
    [
        (
            "tensor_active_mean",
            0.412,
            1.23,
            "The matrix units were active 41 %: speaks for training (+1.2).",
        ),
        (
            "egress_bytes_per_device_second",
            2.5e6,
            -0.5,
            "The traffic to the outside was 2.5 MB/s per accelerator: speaks against training "
            "(-0.5).",
        ),
        (
            "ingress_bytes_per_device_second",
            12.0,
            0.2,
            "The traffic from outside was 12 B/s per accelerator: speaks for training (+0.2).",
        ),
        (
            "devices_max",
            106496.0,
            1.8,
            "The most accelerators held at once were 106,496: speaks for training (+1.8).",
        ),
        (
            "peak_operations_per_second",
            3.12e14,
            -0.2,
            "The peak of one accelerator, dense at 16 bit, was 3.12 × 10¹⁴ operations per second: "
            "speaks against training (-0.2).",
        ),
        ("duration_hours", 30.0, 0.3, "The work spanned 30.0 hours: speaks for training (+0.3)."),
        ("duration_hours", 480.0, 0.3, "The work spanned 20.0 days: speaks for training (+0.3)."),
    ],
)
def test_a_reason_is_a_sentence(feature: str, value: float, log_odds: float, expected: str) -> None:
    assert sentence(feature, value, log_odds) == expected


def test_the_classes_of_a_row_add_up_and_their_training_ones_to_the_probability(
    shipped: Classifier,
) -> None:
    given = classify(rows(PRETRAINING, IDLE), shipped)
    for likely, classes in given.select("training_probability", "class_probabilities").iter_rows():
        assert sum(classes) == pytest.approx(1.0)
        assert sum(classes[:2]) == pytest.approx(likely)
    busy, idle = given["class_probabilities"].to_list()
    assert CLASSES[busy.index(max(busy))] == "training"
    assert CLASSES[idle.index(max(idle))] in OTHER_CLASSES
    assert classify(rows(IDLE), None)["class_probabilities"].to_list() == [None]


def test_the_sentences_of_a_workload_begin_with_its_classes(shipped: Classifier) -> None:
    judged = classify(rows(PRETRAINING), shipped).with_columns(workload=pl.lit("w"))
    (first, *rest) = reasons_of(judged)["w"]
    assert first.startswith("By class the work is ")
    assert rest == judged["contributions"].to_list()[0]
    alone = classify(rows(PRETRAINING), None).with_columns(workload=pl.lit("w"))
    assert reasons_of(alone)["w"][0] == RULES_ALONE


def test_a_class_sentence_names_the_likeliest_first() -> None:
    told = class_sentence(dict(zip(CLASSES, (0.2, 0.5, 0.2, 0.04, 0.06), strict=True)))
    assert told == (
        "By class the work is 50 % fine-tuning, 20 % training from the start, 20 % inference, "
        "6 % other work, 4 % scientific computing."
    )


def test_usual_figures_that_do_not_go_together_get_no_answer(shipped: Classifier) -> None:
    odd = {**PRETRAINING, "power_ratio_mean": 0.1, "sm_active_mean": 0.02, "sync_ratio_mean": 0.0}
    given = classify(rows(odd), shipped)
    assert given["is_abstained"].to_list() == [True]
    assert given["contributions"].to_list()[0][-1] == UNLIKE


def test_a_share_of_nothing_is_written_without_a_sign() -> None:
    said = "The utilisation varied by 0 %: speaks for training (+0.3)."
    assert [sentence("gpu_util_std", value, 0.3) for value in (0.0, -0.0, -1e-17)] == [said] * 3
