"""Rules about places: where the customer and its ultimate parents are headquartered."""

from __future__ import annotations

from typing import Final

from detector.facts import Place, Severity
from detector.policy.model import HeadquartersTest, Pack
from detector.rules.rule import Case, Hit, Rule, Value, most_severe
from detector.thresholds.conditions import headquarters_within


def _headquarters_of_concern(case: Case) -> Hit | None:
    """The customer or an ultimate parent is headquartered in a place that a pack names.

    It needs work that is likely training (probability one half or more) and has no floor of
    operations: the instrument has none. Training that is expected to be below the least size that
    any instrument names is medium at most: it is seen, behind what is larger. For the rule in
    force these are the countries of group D:5 and Macau. The place of the headquarters decides,
    not the share that is held. It mistakes an office for a headquarters where the ownership
    statement does; it misses a parent that nobody disclosed.
    """
    facts = case.facts
    if facts.training.expected <= 0:
        return None
    day = facts.as_of.date()
    is_small = facts.training.expected < case.limits.severe_training_operations
    hits = [
        Hit(_severity(pack, is_small=is_small), pack.id, _evidence(case, pack, found))
        for pack in case.packs
        if isinstance(pack.subject_test, HeadquartersTest)
        and facts.scope in pack.scopes
        and pack.is_effective_on(day)
        for found in [headquarters_within(facts, pack.subject_test, case.countries)]
        if found
    ]
    return most_severe(hits)


def _severity(pack: Pack, *, is_small: bool) -> Severity:
    """Give the pack's own, at most medium for small training."""
    is_severe = pack.severity in ("high", "critical")
    return "medium" if is_small and is_severe else pack.severity


def _evidence(case: Case, pack: Pack, found: tuple[Place, ...]) -> dict[str, Value]:
    table, places = case.countries, sorted(set(found))
    counted = {area: table.country(area) if table is not None else area for area, _, _ in places}
    told = {area: table.told(area) if table is not None else area for area, _, _ in places}
    return {
        "areas": tuple(sorted(counted)),
        "countries": tuple(sorted(set(counted.values()))),
        "records": tuple(f"{area} {record}" for area, record, _ in places),
        "places": tuple(f"{told[area]}: {called}" for area, _, called in places),
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "training_operations_low": case.facts.training.low,
        "training_operations_expected": case.facts.training.expected,
        "training_operations_high": case.facts.training.high,
        "training_probability": case.facts.training_probability,
    }


RULES: Final = (
    Rule(
        id="headquarters-of-concern",
        title="Likely training for a party headquartered in a named place",
        basis="us-ear-hq-d5-macau",
        severity="high",
        scopes=("tenant",),
        when=_headquarters_of_concern,
        because="Headquarters of the customer or of an ultimate parent count as lying in a place "
        "that {policy_id} ({legal_status}) names ({places}), and the work is likely training: "
        "{training_operations_expected} operations expected ({training_operations_low} to "
        "{training_operations_high}). The instrument has no floor.",
    ),
)
