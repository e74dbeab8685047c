"""The metered events: one interval of one allocation, and the correction of an earlier one."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from detector.events.fields import (
    AcceleratorCount,
    Country,
    EventModel,
    Fraction,
    Instant,
    Name,
    Number,
    Text,
    one_of,
    words_schema,
)

SERVICE_CLASSES: Final = (
    "vm",
    "bare_metal",
    "managed_training",
    "managed_inference",
    "notebook",
    "batch",
)
PURCHASE_OPTIONS: Final = ("on_demand", "spot", "reserved", "capacity_block", "credit", "trial")
VANTAGES: Final = ("host", "guest", "bmc", "bill")
PRECISIONS: Final = ("fp64", "fp32", "tf32", "fp16", "bf16", "fp8", "fp4", "int8")


ServiceClass = Annotated[str, one_of(*SERVICE_CLASSES), words_schema(SERVICE_CLASSES)]
PurchaseOption = Annotated[str, one_of(*PURCHASE_OPTIONS), words_schema(PURCHASE_OPTIONS)]
Vantage = Annotated[str, one_of(*VANTAGES), words_schema(VANTAGES)]
Precision = Annotated[str, one_of(*PRECISIONS), words_schema(PRECISIONS)]


class Telemetry(EventModel):
    """Means over the interval and the accelerators; ratios from 0 to 1.

    Any finite number is accepted, also a ratio over 1 or a negative power: an impossible figure is
    dropped later and becomes a finding, the hours stay. An object without a known figure is the
    same as no object.
    """

    gpu_util: Number | None = None
    sm_active: Number | None = None
    tensor_active: Number | None = None
    fp64_active: Number | None = None
    fp32_active: Number | None = None
    fp16_active: Number | None = None
    dram_active: Number | None = None
    tensor_active_std: Number | None = None
    sync_ratio: Number | None = Field(None, description="Share of nodes in phase.")
    power_w: Number | None = Field(None, description="Watts per accelerator.")
    power_w_std: Number | None = Field(None, description="Watts per accelerator.")
    step_period_s: Number | None = Field(None, description="Seconds.")
    energy_j: Number | None = Field(None, description="Joules per accelerator.")
    nvlink_bytes: Number | None = Field(None, description="Bytes per resource.")
    fabric_bytes: Number | None = Field(None, description="Bytes per resource.")
    ingress_bytes: Number | None = Field(None, description="Bytes per resource.")
    egress_bytes: Number | None = Field(None, description="Bytes per resource.")
    storage_read_bytes: Number | None = Field(None, description="Bytes per resource.")
    storage_write_bytes: Number | None = Field(None, description="Bytes per resource.")


class Usage(EventModel):
    """One metered interval ``[start, end)`` of one allocation.

    ``tenant_id`` and ``resource_id`` must not be empty. ``facility_country`` is two capital
    letters. The other strings are kept exactly as sent, also when they are empty, but an empty
    ``instance_type`` or ``accelerator`` does not say what was metered. Whether the interval is
    empty, too long or in the future is for the validation of frames, not for this model.
    """

    tenant_id: Name = Field(description="Isolation unit the provider bills or secures.")
    resource_id: Name = Field(description="The allocation; unique within one provider.")
    start: Instant
    end: Instant
    instance_type: Text | None = None
    accelerator: Text | None = None
    accelerator_count: AcceleratorCount | None = None
    partition_fraction: Fraction | None = Field(None, description="MIG or time slice; default 1.")
    region: Text | None = None
    zone: Text | None = None
    site_id: Text | None = None
    facility_country: Country | None = None
    cluster_id: Text | None = None
    job_id: Text | None = None
    image_id: Text | None = None
    data_ref: Text | None = None
    service_class: ServiceClass | None = None
    purchase_option: PurchaseOption | None = None
    vantage: Vantage | None = Field(None, description="Where it was read; absent = host.")
    precision: Precision | None = None
    telemetry: Telemetry | None = None

    @model_validator(mode="after")
    def _says_what_was_metered(self) -> Usage:
        if self.instance_type or (self.accelerator and self.accelerator_count is not None):
            return self
        came = "accelerator alone" if self.accelerator else "neither"
        came = "accelerator_count alone" if self.accelerator_count is not None else came
        raise PydanticCustomError(
            "missing_field",
            "expected instance_type, or accelerator and accelerator_count, got {came}",
            {"came": came},
        )


class Correction(EventModel):
    """Replaces or voids one earlier usage event, or an earlier correction.

    ``original`` is that event's data as first sent. ``replacement`` must be there; null voids.
    ``original_source`` absent means the correction's own source.
    """

    original_id: Name
    original_source: Name | None = None
    original: Usage
    replacement: Usage | None
