"""The plan of one piece of work: who, where, when, on what, and how it behaves and is metered.

A plan is a value: a disguise, a fault or a story is ``dataclasses.replace`` of some of its fields.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from streams.simulation.families import LEVELS, Hardware

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
#: Sites of the simulated provider: region, zone, site, country of the facility.
SITES: Final = (
    ("us-east", "us-east-a", "site-ash1", "US"),
    ("us-west", "us-west-b", "site-dal2", "US"),
    ("eu-west", "eu-west-a", "site-dub1", "IE"),
    ("ap-south", "ap-south-c", "site-sin1", "SG"),
)
#: How a workload is metered: (vantage, telemetry subset) and its weight.
METERS: Final = (
    (("host", "full"), 5.0),
    (("host", "basic"), 3.0),
    (("guest", "basic"), 1.5),
    (("bmc", "power"), 1.0),
    (("host", "none"), 2.5),
    (("bill", "none"), 2.0),
)


@dataclass(frozen=True)
class Rhythm:
    """A beat of the work, such as a checkpoint or the rollouts of reinforcement learning.

    For the first ``part_ms`` of every ``period_ms`` (counted from ``offset_ms`` after the
    workload's start) each figure of ``factors`` (names of ``LEVELS``) is multiplied by its factor.
    Meters see the mean over what they cover, so a beat shorter than the cadence is smoothed away.
    """

    name: str
    period_ms: int
    part_ms: int
    factors: tuple[tuple[str, float], ...]
    offset_ms: int = 0

    def mean_factor(self, level: str) -> float:
        """Give what the beat does to a figure's mean over many periods."""
        factor = dict(self.factors).get(level, 1.0)
        return 1.0 + (factor - 1.0) * self.part_ms / self.period_ms


@dataclass(frozen=True)
class Workload:
    """One workload. Instants are milliseconds since the epoch; ``levels`` follow ``LEVELS``.

    ``levels`` are the figures while the work runs undisturbed; ``rhythms`` beat on them, in
    ``stalls`` ([start, end) in milliseconds, in order, apart) the devices are held and do nothing,
    and ``load`` names the request trace that drives it. ``answers`` is the share of the traffic to
    the outside that goes with the load. Hardware
    operations are peak x ``tensor`` x ``hardware_ratio`` x device time; the operations the
    algorithm needs are ``algorithmic_ratio`` of those, the rest is recomputed or thrown away.
    ``campaign`` is the run that a disguised piece truly belongs to, ``disguise`` how it hides.
    """

    tenant_id: str
    name: str
    family: str
    is_training: bool
    shape: str
    hardware: Hardware
    device_count: int
    resource_device_count: int
    start_ms: int
    end_ms: int
    duty_ratio: float
    cadence_ms: int
    vantage: str
    telemetry: str
    levels: tuple[float, ...]
    service_class: str
    purchase_option: str
    site: int = 0
    accelerator: str | None = None
    job_id: str | None = None
    data_ref: str | None = None
    cluster_id: str | None = None
    precision: str | None = None
    image_id: str | None = None
    partition_fraction: float = 1.0
    work_class: str = "other"
    rhythms: tuple[Rhythm, ...] = ()
    stalls: tuple[tuple[int, int], ...] = ()
    campaign: str | None = None
    disguise: str | None = None
    load: str | None = None
    answers: float = 0.0
    hardware_ratio: float = 1.0
    algorithmic_ratio: float = 1.0

    @property
    def resource_count(self) -> int:
        """How many resources run at once at the peak."""
        return -(-self.device_count // self.resource_device_count)

    @property
    def run_id(self) -> str:
        """The identifier that links the workload's events: data reference, else tenant and job."""
        return self.data_ref or f"{self.tenant_id}/{self.job_id}"

    def level(self, name: str) -> float:
        """Give one figure of ``levels`` by its name."""
        return self.levels[LEVELS.index(name)]

    @property
    def planned_device_hours(self) -> float:
        """Device-hours held, if the work runs as planned; what the customer pays for."""
        length_hours = (self.end_ms - self.start_ms) / HOUR_MS
        held = self.device_count * self.partition_fraction
        return held * length_hours * self.duty_ratio

    @property
    def planned_operations(self) -> float:
        """Algorithmic operations of the whole work, if it runs as planned: nothing stalls."""
        tensor = self.level("tensor")
        for rhythm in self.rhythms:
            tensor *= rhythm.mean_factor("tensor")
        rate = self.hardware.peak_operations_per_second * tensor * self.hardware_ratio
        return rate * self.algorithmic_ratio * self.planned_device_hours * 3600.0


@dataclass(frozen=True)
class Limits:
    """What a drawn workload keeps to.

    It lies inside ``window`` (milliseconds), has ``max_devices`` devices at most, and costs about
    ``event_budget`` events, kept by metering less often, then by larger resources. Where
    ``cadence_ms`` is given, every meter but the bill reads that often, whatever the budget.
    """

    window: tuple[int, int]
    event_budget: int
    max_devices: int = 131_072
    cadence_ms: int | None = None
