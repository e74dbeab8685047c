"""The composition root: settings to a running sidecar, an export, or the doctor's checks."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from detector.classifier.manifest import ManifestError
from detector.meaning import Meaning
from detector.policy.provider import policy_for
from streams.broker import BrokerError, KafkaSink, KafkaSource, describe_broker
from streams.clock import SystemClock
from streams.configuration import SettingsError, load_settings
from streams.doctor import (
    Answer,
    Check,
    broker_check,
    clock_check,
    configuration_check,
    disk_check,
    freshness_check,
    policy_check,
    store_check,
)
from streams.export import holding, summarise
from streams.health import Condition, Health, clock_condition
from streams.lists import dated_at, read_lists
from streams.logs import Log
from streams.loop import Ends, Loop
from streams.metrics import Metrics
from streams.packaged import (
    CHOICE_ERRORS,
    build_meaning,
    known_policies,
    packs,
    read_challenger,
    read_classifier,
    shipped_policies,
)
from streams.reference import looked_up_at, sheets_of
from streams.remembered import instance_of, topic_ids_of
from streams.renewing import Renewal, stamp_of
from streams.replay import write_results
from streams.service import Options, Service
from streams.settings import DEFAULT_POLICY_IDS, Settings
from streams.standing import stand, stored_instant
from streams.store import Reader, Store, StoreError
from streams.unasked import tell_unasked, unasked_check
from streams.version import code_version
from streams.web.app import create_app
from streams.web.server import serve

#: Report versions that the web pages can show.
REPORTS_SHOWN = 1000
#: A screening list older than this is not to be relied on (regulation, section 6).
LIST_DAYS = 7
_CATALOGUE_REMEDY = "run `trainwatch catalogue check` on the files of [catalogue]"


def meaning_of(settings: Settings) -> Meaning:
    """Read packs, catalogues, lists and classifier as the configuration asks."""
    meaning = build_meaning(
        _chosen(settings),
        settings.policy.directory,
        read_lists(
            settings.screening.files, settings.screening.judgements, settings.ownership.gleif
        ),
        read_classifier(),
        settings.catalogue.files,
    )
    policy = policy_for(meaning.policy, is_us_person=settings.provider.is_us_person)
    challenger = read_challenger(settings.classifier.challenger)
    return replace(meaning, policy=policy, challenger=challenger)


def _chosen(settings: Settings) -> tuple[str, ...]:
    """Leave out of the defaults what does not ship; what an operator names must be there."""
    ids = settings.policy.ids
    if ids == DEFAULT_POLICY_IDS and settings.policy.directory is None:
        return tuple(name for name in ids if name in shipped_policies())
    return ids


def run_sidecar(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT; then finish the batch in hand, publish and close."""
    clock = SystemClock()
    metrics = Metrics(clock.now, code_version())
    looked = stamp_of(settings.screening)  # before they are read: what changes later is seen
    meaning = meaning_of(settings)
    metrics.freshness("catalogue", looked_up_at(sheets_of(settings.catalogue.files)))
    store = Store.open(settings.store.path)
    try:
        metrics.lag(0, stored_instant(store, "newest_at"))
        options = Options(follows_events=settings.service.knowledge == "events")

        def make(judged_by: Meaning) -> Service:
            _show_freshness(metrics, judged_by)
            return Service(store, judged_by, clock, metrics, options)

        service = make(meaning)
        tell_unasked(store.reported(), [p.id for p in meaning.policy.packs], Log("sidecar"))
        renewal = Renewal(settings.screening, meaning, store, clock, make, looked)
        instance = instance_of(store)
        source = KafkaSource(
            settings.kafka,
            instance=instance,
            max_records=settings.service.batch_events,
            skip_gaps=settings.service.skip_gaps,
            topic_ids=topic_ids_of(store),
        )
        sink = KafkaSink(settings.kafka, instance=instance)
        ends = Ends(source, sink, lambda: _observe(metrics, source), renewal.renew)
        loop = Loop(service, store, ends, metrics, settings.service.poll_timeout_seconds)
        metrics.watch_loop(lambda: loop.idle_seconds)
        try:
            stopped = _stopped_by_signals(loop.stop, settings.service.stop_seconds)
            with stopped, _pages(settings, loop, source, metrics):
                loop.run()
        finally:
            source.close()
            sink.close()
    finally:
        store.close()


def _broker_said(source: KafkaSource) -> str:
    return source.trouble or ("connected" if source.connected else "it answers no more")


def _observe(metrics: Metrics, source: KafkaSource) -> None:
    metrics.broker_connected(source.connected)
    metrics.lag(sum(source.lag().values()), source.newest_record_at)


def _show_freshness(metrics: Metrics, meaning: Meaning) -> None:
    """Tell the metrics the date of the oldest list and of the pack whose status is known least."""
    lists = meaning.screener.snapshots if meaning.screener is not None else ()
    if dates := [each.dated_at for each in lists if each.dated_at is not None]:
        metrics.freshness("list", min(dates))
    oldest = min(pack.status_as_of for pack in meaning.policy.packs)
    metrics.freshness("pack", datetime.combine(oldest, time(), tzinfo=UTC))


@contextmanager
def _stopped_by_signals(stop: Callable[[], None], stop_seconds: float) -> Iterator[None]:
    """Stop the loop when asked; cut short what then takes longer than ``stop_seconds``.

    Cutting short loses nothing: what is not committed is read again at the next start.
    """

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop()

    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    Thread(target=_limit, args=(reading, stop_seconds), daemon=True).start()
    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    woken = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(woken)
        os.close(writing)
        for number, handler in before.items():
            signal.signal(number, handler)


def _limit(reading: int, seconds: float) -> None:
    """Count from the signal itself: the handler has to wait for the end of a long library call."""
    if os.read(reading, 1):
        Event().wait(seconds)
        _cut_short(seconds)
    os.close(reading)


def _cut_short(seconds: float) -> None:
    Log("sidecar").warning("stop_cut_short", seconds=seconds)
    sys.stdout.flush()
    os._exit(0)


@contextmanager
def _pages(settings: Settings, loop: Loop, source: KafkaSource, metrics: Metrics) -> Iterator[None]:
    """Serve metrics, health and reports beside the loop; readers get their own connection."""
    path = settings.store.path
    follows_events = settings.service.knowledge == "events"

    def health() -> Health:
        conditions = (
            Condition("store", holds=True, detail=str(path)),
            Condition("broker", source.connected, _broker_said(source)),
            Condition("publishing", not loop.publish_trouble, loop.publish_trouble or "up to date"),
            clock_condition(None if follows_events else loop.knowledge_at, SystemClock().now()),
        )
        return Health(loop.idle_seconds, settings.service.stall_seconds, conditions)

    def reports() -> Sequence[bytes]:
        with Reader.open(path) as reader:
            return [document.body for document in reader.newest_of("report", REPORTS_SHOWN)]

    app = create_app(metrics, health, reports, loopback_only=settings.http.is_loopback)
    server = serve(app, settings.http.host, settings.http.port)
    Log("sidecar").info("listening", host=server.host, port=server.port)
    try:
        yield
    finally:
        server.stop()


def export(settings: Settings, out: Path) -> dict[str, object]:
    """Write the contract's files from the sidecar's store, beside a running writer or not."""
    clock, meaning = SystemClock(), meaning_of(settings)
    with Reader.open(settings.store.path) as reader, holding(out):
        whole = stand(reader, meaning, clock.now())
        summary = summarise(reader.counts(), 0.0, 0.0)
        write_results(out, reader, whole, [], summary)
    return summary


def checks(config: Path | None) -> list[Check]:
    """Give the doctor's checks; without a configuration, those that need none."""
    clock = SystemClock()
    listed = [clock_check(clock.now)]
    settings: Settings | None = None
    if config is not None:
        listed.insert(0, configuration_check(lambda: _load(config), (SettingsError,)))
        with suppress(SettingsError):
            settings = load_settings(config)
    chosen = settings.policy.ids if settings is not None else DEFAULT_POLICY_IDS
    directory = settings.policy.directory if settings is not None else None
    listed.append(policy_check(lambda: _policies(chosen, directory), CHOICE_ERRORS))
    listed.append(Check("classifier", _classifier, "", (ManifestError,)))
    files = settings.catalogue.files if settings is not None else ()
    listed.append(Check("catalogue", lambda: _catalogue(files), _CATALOGUE_REMEDY, CHOICE_ERRORS))
    if settings is not None:
        listed += [
            freshness_check(
                *("screening lists", lambda: _list_dates(settings), clock.now),
                *(LIST_DAYS, CHOICE_ERRORS),
                absent="nobody is screened by name; set [screening] files",
            ),
            store_check(
                settings.store.path, lambda: _store_version(settings.store.path), (StoreError,)
            ),
            unasked_check(settings.store.path, lambda: _policies(chosen, directory), CHOICE_ERRORS),
            disk_check(settings.store.path),
            broker_check(lambda: describe_broker(settings.kafka), (BrokerError,)),
        ]
    return listed


def _policies(chosen: Sequence[str], directory: Path | None) -> tuple[list[str], list[str]]:
    """Give the packs that load and those that are not there; one that is wrong raises."""
    there = known_policies(directory)
    named = [name for name in chosen if name in there]
    return [pack.id for _, pack, _ in packs(named, directory)], sorted(set(chosen) - set(named))


def _classifier() -> Answer:
    classifier = read_classifier()
    if classifier is None:
        return Answer(
            "warn", "none is installed: probabilities come from rules alone", "run `make train`"
        )
    return Answer("ok", f"agrees with its manifest, sha256 {classifier.manifest.artefact_sha256}")


def _catalogue(files: Sequence[Path]) -> Answer:
    """Give how many kinds and types are known, and how many files of the operator's are in use."""
    sheets = sheets_of(files)
    kinds = sheets.rows["accelerators.csv"].height
    types = sheets.rows["instance_types.csv"].height
    return Answer("ok", f"{kinds} accelerators, {types} instance types, {len(files)} own files")


def _list_dates(settings: Settings) -> list[tuple[str, datetime]]:
    return [(path.name, dated_at(path)) for path in settings.screening.files]


def _load(config: Path) -> str:
    load_settings(config)
    return f"{config} is complete"


def _store_version(path: Path) -> str:
    with Reader.open(path) as reader:
        return f"{reader.last_sequence()} documents"


CONFIGURATION_ERRORS = (SettingsError, *CHOICE_ERRORS)
WORK_ERRORS = (BrokerError, StoreError)
