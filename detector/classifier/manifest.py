"""What a classifier artefact must agree with before it is loaded: features, versions, digests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import numpy
from pydantic import BaseModel, ConfigDict, ValidationError

from detector.classifier.kinds import CLASSES

#: The features, in the order in which the classifier was fitted. Null where not metered; ratios
#: are 0 to 1. ``docs/classifier.md`` says what each means.
FEATURE_NAMES: Final = (
    "tensor_active_mean",
    "tensor_active_std",
    "gpu_util_mean",
    "gpu_util_std",
    "sm_active_mean",
    "dram_active_mean",
    "fp64_active_mean",
    "power_ratio_mean",
    "power_ratio_std",
    "nvlink_bytes_per_device_second",
    "fabric_bytes_per_device_second",
    "ingress_bytes_per_device_second",
    "egress_bytes_per_device_second",
    "storage_write_bytes_per_device_second",
    "sync_ratio_mean",
    "step_period_s_mean",
    "tensor_active_inner_std",
    "power_inner_std",
    "gpu_util_hour_std",
    "power_hour_std",
    "power_over_use",
    "nvlink_bytes_per_billion_operations",
    "fabric_bytes_per_billion_operations",
    "storage_write_hour_swing",
    "egress_follows_use",
    "devices_max",
    "duration_hours",
    "duty_ratio",
    "day_night_ratio",
    "telemetry_ratio",
    "share_managed_training",
    "share_managed_inference",
    "share_batch",
    "share_notebook",
    "share_bare_metal",
    "share_spot",
    "share_reserved",
    "gang_start_ratio",
    "gang_stop_ratio",
    "peak_operations_per_second",
)
#: What an allocation shows without a single counter; every other feature may be missing.
ALLOCATION_FEATURES: Final = FEATURE_NAMES[FEATURE_NAMES.index("devices_max") :]
#: What a row is compared by to see whether it is like any that was fitted: how work was billed or
#: metered is no sign of what it is, and a new accelerator makes no new kind of work.
COMPARED_FEATURES: Final = tuple(
    name for name in FEATURE_NAMES if not name.startswith(("share_", "telemetry_", "peak_"))
)

#: Every type that may stand in an artefact beside those skops trusts by itself. Audited: none
#: runs code on loading.
TRUSTED_TYPES: Final = (
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
)


class ManifestError(ValueError):
    """An artefact and its manifest, or this program, do not agree. Never load such an artefact."""


class Manifest(BaseModel):
    """The facts of one classifier artefact. Probabilities and ratios are 0 to 1.

    ``feature_quantiles``: of the fitted rows, at ``novelty.QUANTILES``, empty where never metered.
    ``novelty_limit``: a row further than this from the fitted rows is abstained from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    feature_names: tuple[str, ...]
    class_names: tuple[str, ...]
    versions: dict[str, str]
    trusted_types: tuple[str, ...]
    training_data_sha256: str
    training_row_count: int
    training_sources: dict[str, int]
    training_classes: dict[str, int]
    base_rate: float
    abstain_low: float
    abstain_high: float
    typical_allocation: dict[str, float]
    feature_quantiles: dict[str, tuple[float, ...]]
    novelty_limit: float
    metrics: dict[str, float]
    seed: int
    artefact_sha256: str


def library_versions() -> dict[str, str]:
    """Give the versions of the libraries that an artefact depends on."""
    import sklearn  # noqa: PLC0415 - seconds, and few commands judge
    import skops  # noqa: PLC0415 - seconds, and few commands judge

    return {
        "numpy": numpy.__version__,
        "scikit-learn": sklearn.__version__,
        "skops": skops.__version__,
    }


def read_manifest(text: str | bytes, where: str) -> Manifest:
    """Parse a manifest; ``where`` names its file in the error."""
    try:
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole text"
        raise ManifestError(
            f"{where}: expected a classifier manifest, but at {place}: {first['msg']}; "
            "make it again with `make train`"
        ) from error


def check(manifest: Manifest, artefact: bytes, versions: Mapping[str, str]) -> None:
    """Raise ManifestError where the artefact, the features or the library versions differ."""
    if manifest.feature_names != FEATURE_NAMES:
        raise ManifestError(_features_differ(manifest.feature_names))
    if manifest.class_names != CLASSES:
        raise ManifestError(
            f"classifier: expected the classes {list(CLASSES)}, but the manifest names "
            f"{list(manifest.class_names)}; run `make train`"
        )
    unknown = sorted(set(manifest.trusted_types) - set(TRUSTED_TYPES))
    if unknown:
        raise ManifestError(
            f"classifier: the manifest asks to trust types that were not audited: {unknown}; do "
            "not load it, run `make train`"
        )
    for library in sorted({*manifest.versions, *versions}):
        fitted, present = manifest.versions.get(library), versions.get(library)
        if fitted != present:
            raise ManifestError(
                f"classifier: fitted with {library} {fitted}, found {present}; install the locked "
                "requirements or run `make train`"
            )
    digest = hashlib.sha256(artefact).hexdigest()
    if digest != manifest.artefact_sha256:
        raise ManifestError(
            f"classifier: expected an artefact with sha256 {manifest.artefact_sha256}, got "
            f"{digest}; restore the file that belongs to the manifest or run `make train`"
        )


def _features_differ(found: tuple[str, ...]) -> str:
    missing = [name for name in FEATURE_NAMES if name not in found]
    unknown = [name for name in found if name not in FEATURE_NAMES]
    detail = f"missing {missing}, unknown {unknown}" if missing or unknown else "the order differs"
    return f"classifier: expected the features of this program, but {detail}; run `make train`"
