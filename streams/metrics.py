"""Every metric, in one registry: its unit is in the name, its meaning and remedy in its help.

Labels come from the closed sets of ``metric_labels``; never a tenant, a customer or an id.
Counters start at 0 with the process; what must survive a restart is in the store and in
``summary.json``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    disable_created_metrics,
    generate_latest,
)

from streams.metric_labels import KINDS, PLACES, REASONS, SECONDS, STEPS, Input, Step

_STEP_HELP: Final[Mapping[Step, str]] = {
    "batch": "Time to decode, validate and fold one batch. Rising: see lag, lower batch_events.",
    "commit": "Time of one store commit. Rising: the disk is slow or nearly full.",
    "publish": "Time to publish one piece of the outbox. Rising: look at the broker.",
    "assessment": "Time of one assessment of the subjects due. Rising: see state size.",
}


class Metrics:
    """What the service tells about itself.

    Args:
        now: The clock, to turn instants into ages when they are scraped.
        version: Of the code, for ``trainwatch_build_info``.
    """

    def __init__(self, now: Callable[[], datetime], version: str) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # series that nobody reads
        self.registry = CollectorRegistry()
        self._now = now
        self._balance = 0
        self._last_event_time: datetime | None = None
        self._define_loop()
        self._define_events()
        self._define_state()
        self._define_completeness()
        self._define_documents()
        self._define_classifier()
        self._steps = {
            step: Histogram(
                f"trainwatch_{step}_seconds",
                _STEP_HELP[step],
                buckets=SECONDS,
                registry=self.registry,
            )
            for step in STEPS
        }
        build = Info("trainwatch_build", "What code runs.", registry=self.registry)
        build.info({"version": version})

    def _counter(self, name: str, meaning: str, labels: tuple[str, ...] = ()) -> Counter:
        return Counter(f"trainwatch_{name}", meaning, labels, registry=self.registry)

    def _gauge(self, name: str, meaning: str, labels: tuple[str, ...] = ()) -> Gauge:
        return Gauge(f"trainwatch_{name}", meaning, labels, registry=self.registry)

    def _define_loop(self) -> None:
        self._idle_seconds: Callable[[], float] = lambda: 0.0
        self._gauge(
            "loop_idle_seconds",
            "Time since the loop last finished a step, or a part of a long one; other figures stand"
            " still with it. Rising: a step takes long, or hangs.",
        ).set_function(self._loop_idle)

    def _define_events(self) -> None:
        self._read = self._counter("events_read", "Events taken in, whatever became of them.")
        self._accepted = self._counter("events_accepted", "Events folded into the state.")
        self._duplicate = self._counter(
            "events_duplicate", "Events already known, folded once. Many: a sender repeats itself."
        )
        self._rejected = self._counter(
            "events_rejected",
            "Dead letters, by reason. Read the topic, mend the sender.",
            ("reason",),
        )
        for reason in REASONS:
            self._rejected.labels(reason)
        self._skipped = self._counter("events_skipped", "Valid events emitted after --as-of.")
        self._unknown_fields = self._counter(
            "unknown_fields",
            "Fields that the contract does not name, ignored. A sender runs ahead.",
        )
        self._gauge(
            "accounting_difference_events",
            "Read less accepted, duplicate, rejected and skipped. Not 0: a defect; report it.",
        ).set_function(lambda: float(self._balance))
        self._lag_events = self._gauge(
            "lag_events",
            "Messages in the topics that were not read yet. Rising: see docs/kafka.md.",
        )
        self._gauge(
            "lag_seconds",
            "Age of the newest event folded. Rising with lag 0: the sender is silent.",
        ).set_function(self._lag_seconds)

    def _define_state(self) -> None:
        self._rows = self._gauge("state_rows", "Rows of strands, coverage and telemetry held.")
        self._bytes = self._gauge("state_bytes", "Bytes of the store on disk. Watch the disk.")
        self._names = self._gauge("state_names", "Event names held against repeats.")
        self._segments = self._gauge(
            "state_segments", "Segments not merged yet. Rising: see commit."
        )
        self._knowledge = self._gauge(
            "knowledge_timestamp_seconds", "Instant up to which things are known, Unix time."
        )
        self._input_age = self._gauge(
            "input_age_seconds", "Age of the oldest input of its kind. Old: refresh it.", ("input",)
        )

    def _define_completeness(self) -> None:
        self._silent = self._gauge(
            "metering_silent",
            "Of which no metering comes though work was live. Not 0: see source-silent findings.",
            ("place",),
        )
        for place in PLACES:
            self._silent.labels(place)
        self._unmetered = self._gauge(
            "billed_unmetered_hours",
            "Accelerator-hours on the bill that no meter of the provider saw. No training is ruled"
            " out in them.",
        )
        self._gap = self._gauge(
            "metering_gap_hours",
            "Of those, on resources that a meter saw at another time. Rising: a meter has died.",
        )

    def _define_documents(self) -> None:
        self._published = self._counter(
            "documents_published", "Documents that readers can see, by kind.", ("kind",)
        )
        for kind in KINDS:
            self._published.labels(kind)
        self._outbox = self._gauge(
            "outbox_documents", "Documents committed and not published. Rising: look at the broker."
        )
        self._connected = self._gauge("broker_connected", "1 while a broker answers, else 0.")

    def _define_classifier(self) -> None:
        self._drift = self._gauge(
            "feature_drift_index",
            "Population stability index of live workloads against those the classifier was fitted"
            " on. Moved over 0.25: fit it again.",
            ("feature", "accelerator"),
        )
        self._agreement = self._gauge(
            "challenger_workloads",
            "Workloads by what the classifier answers and what its challenger does.",
            ("answer", "challenger_answer"),
        )
        self._distance = self._gauge(
            "challenger_distance_ratio",
            "How far the probabilities of classifier and challenger lie apart, on average.",
        )

    def _seconds_since(self, instant: datetime) -> float:
        return (self._now() - instant).total_seconds()

    def _lag_seconds(self) -> float:
        """Give the age of the newest event; not a number while none was seen."""
        if self._last_event_time is None:
            return float("nan")
        return max(0.0, self._seconds_since(self._last_event_time))

    def count_events(
        self,
        read: int,
        accepted: int,
        duplicate: int,
        rejected: Mapping[str, int],
        skipped: int = 0,
    ) -> None:
        """Add one batch. A reason outside REASONS is a defect and raises."""
        unknown = set(rejected) - set(REASONS)
        if unknown:
            raise ValueError(f"expected reasons of CONTRACT.md, got {sorted(unknown)}")
        self._read.inc(read)
        self._accepted.inc(accepted)
        self._duplicate.inc(duplicate)
        self._skipped.inc(skipped)
        for reason, count in rejected.items():
            self._rejected.labels(reason).inc(count)
        self._balance += read - accepted - duplicate - sum(rejected.values()) - skipped

    def count_unknown_fields(self, count: int) -> None:
        """Add fields that were ignored."""
        self._unknown_fields.inc(count)

    def time_step(self, step: Step, seconds: float) -> None:
        """Add how long one step of the loop took."""
        self._steps[step].observe(seconds)

    def _loop_idle(self) -> float:
        return self._idle_seconds()

    def watch_loop(self, idle_seconds: Callable[[], float]) -> None:
        """Ask this, at each scrape, how long the loop has not finished a step."""
        self._idle_seconds = idle_seconds

    def lag(self, events: int, newest_event_time: datetime | None) -> None:
        """Say what waits in the topics, and the time of the newest event folded (None: none)."""
        self._lag_events.set(events)
        self._last_event_time = newest_event_time or self._last_event_time

    def state_size(self, rows: int, byte_count: int, names: int, segments: int) -> None:
        """Say how large the state is."""
        self._rows.set(rows)
        self._bytes.set(byte_count)
        self._names.set(names)
        self._segments.set(segments)

    def freshness(self, kind: Input, as_of: datetime) -> None:
        """Say the date of the oldest input of one kind; its age is taken when scraped."""
        child = self._input_age.labels(kind)
        child.set_function(partial(self._seconds_since, as_of))

    def completeness(
        self, silent: Mapping[str, int], unmetered_hours: float, gap_hours: float
    ) -> None:
        """Say how many of each place are silent, and the billed hours that no meter saw."""
        for place in PLACES:
            self._silent.labels(place).set(silent.get(place, 0))
        self._unmetered.set(unmetered_hours)
        self._gap.set(gap_hours)

    def drift(self, indices: Iterable[tuple[str, str, float]]) -> None:
        """Say the index of each (feature, accelerator) with enough workloads; others vanish."""
        self._drift.clear()
        for feature, accelerator, index in indices:
            self._drift.labels(feature, accelerator).set(index)

    def challenger(self, counts: Iterable[tuple[str, str, int]], distance: float) -> None:
        """Say how often each pair of answers came, and the mean distance of probabilities."""
        self._agreement.clear()
        for answer, challenger_answer, count in counts:
            self._agreement.labels(answer, challenger_answer).set(count)
        self._distance.set(distance)

    def knowledge(self, at: datetime) -> None:
        """Say up to which instant things are known."""
        self._knowledge.set(at.timestamp())

    def published(self, kind: str, count: int) -> None:
        """Add documents that readers can now see. A kind outside KINDS is a defect and raises."""
        if kind not in KINDS:
            raise ValueError(f"expected a kind of {KINDS}, got {kind!r}")
        self._published.labels(kind).inc(count)

    def outbox(self, documents: int) -> None:
        """Say how many documents wait to be published."""
        self._outbox.set(documents)

    def broker_connected(self, is_connected: bool) -> None:
        """Say whether a broker answers."""
        self._connected.set(1 if is_connected else 0)

    def render(self) -> bytes:
        """Give everything in Prometheus text format."""
        return generate_latest(self.registry)

    def names(self) -> frozenset[str]:
        """Give every series name that can be scraped, for dashboards and alerts to be held to."""
        return frozenset(
            sample.name for family in self.registry.collect() for sample in family.samples
        )
