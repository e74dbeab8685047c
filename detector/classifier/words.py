"""Features in plain words, for the reasons that stand in a report."""

from __future__ import annotations

from typing import Final, Literal

from detector.documents import operations_text

Unit = Literal["ratio", "bytes", "bytes_each", "count", "hours", "seconds", "rate"]

#: What each feature is (completes "the ...") and its unit.
FEATURE_WORDS: Final[dict[str, tuple[str, Unit]]] = {
    "tensor_active_mean": ("matrix units were active", "ratio"),
    "tensor_active_std": ("activity of the matrix units varied by", "ratio"),
    "gpu_util_mean": ("accelerators were in use", "ratio"),
    "gpu_util_std": ("utilisation varied by", "ratio"),
    "sm_active_mean": ("compute units were active", "ratio"),
    "dram_active_mean": ("memory was active", "ratio"),
    "fp64_active_mean": ("double-precision units were active", "ratio"),
    "power_ratio_mean": ("power drawn was, of the design power,", "ratio"),
    "power_ratio_std": ("power varied by, of the design power,", "ratio"),
    "nvlink_bytes_per_device_second": ("traffic between neighbours was", "bytes"),
    "fabric_bytes_per_device_second": ("traffic over the fabric was", "bytes"),
    "ingress_bytes_per_device_second": ("traffic from outside was", "bytes"),
    "egress_bytes_per_device_second": ("traffic to the outside was", "bytes"),
    "storage_write_bytes_per_device_second": ("writing to storage was", "bytes"),
    "sync_ratio_mean": ("nodes were in step", "ratio"),
    "step_period_s_mean": ("steps of the work lasted", "seconds"),
    "tensor_active_inner_std": ("activity of the matrix units varied within readings by", "ratio"),
    "power_inner_std": ("power varied within readings by, of the design power,", "ratio"),
    "gpu_util_hour_std": ("utilisation varied from hour to hour by", "ratio"),
    "power_hour_std": ("power varied from hour to hour by, of the design power,", "ratio"),
    "power_over_use": ("power for each share of use was, of the design power,", "ratio"),
    "nvlink_bytes_per_billion_operations": ("traffic between neighbours was", "bytes_each"),
    "fabric_bytes_per_billion_operations": ("traffic over the fabric was", "bytes_each"),
    "storage_write_hour_swing": ("writing to storage varied from hour to hour by", "ratio"),
    "egress_follows_use": ("traffic to the outside followed the use by", "ratio"),
    "devices_max": ("most accelerators held at once were", "count"),
    "duration_hours": ("work spanned", "hours"),
    "duty_ratio": ("accelerators were held", "ratio"),
    "day_night_ratio": ("swing between day and night was", "ratio"),
    "telemetry_ratio": ("time with any counter was", "ratio"),
    "share_managed_training": ("time billed as managed training was", "ratio"),
    "share_managed_inference": ("time billed as managed inference was", "ratio"),
    "share_batch": ("time billed as batch was", "ratio"),
    "share_notebook": ("time billed as notebooks was", "ratio"),
    "share_bare_metal": ("time billed as bare metal was", "ratio"),
    "share_spot": ("time bought on the spot market was", "ratio"),
    "share_reserved": ("time bought ahead was", "ratio"),
    "gang_start_ratio": ("share of the accelerators that came at once was", "ratio"),
    "gang_stop_ratio": ("share of the accelerators that went at once was", "ratio"),
    "peak_operations_per_second": ("peak of one accelerator, dense at 16 bit, was", "rate"),
}
#: Bytes per second in the units a person reads, largest first.
_BYTE_UNITS: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def sentence(feature: str, value: float, log_odds: float) -> str:
    """Say a feature's value, which way it speaks and how strongly (in log-odds)."""
    words, unit = FEATURE_WORDS[feature]
    direction = "for" if log_odds > 0 else "against"
    return f"The {words} {quantity(value, unit)}: speaks {direction} training ({log_odds:+.1f})."


def quantity(value: float, unit: Unit) -> str:
    """Write a feature's value with its unit."""
    if unit == "ratio":
        return f"{value * 100:z.0f} %"
    if unit == "count":
        return f"{value:z,.0f}"
    if unit == "hours":
        return f"{value:,.1f} hours" if value < 48 else f"{value / 24:,.1f} days"
    if unit == "seconds":
        return f"{value:.3g} seconds"
    if unit == "rate":
        return f"{operations_text(value)} operations per second"
    end = "/s per accelerator" if unit == "bytes" else " per billion operations"
    for scale, name in _BYTE_UNITS:
        if value >= scale:
            return f"{value / scale:.1f} {name}{end}"
    return f"{value:.0f} B{end}"
