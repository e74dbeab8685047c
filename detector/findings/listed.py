"""Findings on tenants whose customer, payer or owner may stand on a list; a person decides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from detector.facts import Severity
from detector.meaning import Meaning
from detector.parties import Parties
from detector.parties.listed_owners import FindListed
from detector.rules import Finding
from detector.rules.rule import Value, finding_id
from detector.screening.effects import Effects
from detector.screening.parties import Hit
from detector.screening.screener import Screener
from detector.screening.subjects import party_subject, tenant_subjects
from detector.who.graph import OwnershipGraph
from detector.who.interests import RANK, Certainty
from detector.who.listed import DatedListings

RULE_ID: Final = "listed-party"
ROLES: Final = {"customer": "The customer", "payer": "The payer", "owner": "The owner"}
#: Pairs beyond the first that the sentence names; all are in the evidence.
FURTHER_TOLD: Final = 4
_ORDER: Final[Sequence[Severity]] = ("info", "low", "medium", "high", "critical")


def tenant_hits(parties: Parties, meaning: Meaning, as_of: datetime) -> Mapping[str, list[Hit]]:
    """Give the hits of each tenant that has any; empty where there is no list.

    All subjects are asked at once; the screener looks up only those that it has not met before.
    """
    if meaning.screener is None:
        return {}
    book = parties.book
    asked = {
        tenant: tenant_subjects(tenant, held.record, book.graph, as_of)
        for tenant in sorted(book.histories)
        if (held := book.held_at(tenant, as_of)) is not None
    }
    meaning.screener.screen(subject for each in asked.values() for subject in each)
    found = {tenant: meaning.screener.screen(each) for tenant, each in asked.items()}
    return {tenant: hits for tenant, hits in found.items() if hits}


def listed_finder(screener: Screener) -> FindListed:
    """Give what finds the records of an ownership graph that may stand on a list, for its shares.

    A likely match is ``yes``, as is one that an analyst judged the same; a possible one is
    ``possible``; one judged not the same is none. Each stands until the last day that its list
    states.
    """

    def find(graph: OwnershipGraph) -> DatedListings:
        subjects = [
            party_subject(graph.descriptions(each), "owner") for each in sorted(graph.parties)
        ]
        found: dict[date | None, dict[str, dict[str, Certainty]]] = {}
        for hit in screener.screen(each for each in subjects if each.names or each.identifiers):
            sure = certainty(hit)
            listings = found.setdefault(hit.party.ended_on, {})
            records = listings.setdefault(hit.party.source, {})
            before = records.get(hit.subject.record_id, "no")
            records[hit.subject.record_id] = max(before, sure, key=RANK.__getitem__)
        return found

    return find


def certainty(hit: Hit) -> Certainty:
    """Say how sure a hit makes it that the record is the listed party."""
    verdict = hit.judgement.verdict if hit.judgement is not None else None
    if verdict == "not_same":
        return "no"
    return "yes" if hit.level == "hit" or verdict == "same" else "possible"


def listed_findings(parties: Parties, meaning: Meaning, as_of: datetime) -> Iterator[Finding]:
    """Give one finding a tenant with hits, as severe as its most severe hit."""
    if meaning.screener is None:
        return
    for tenant, hits in tenant_hits(parties, meaning, as_of).items():
        effects = meaning.screener.effects
        on = as_of.date()
        ranked = sorted(hits, key=lambda h: (-_ORDER.index(severity(h, effects, on)), -h.score))
        yield _finding(tenant, ranked, effects, as_of)


def severity(hit: Hit, effects: Effects, on: date) -> Severity:
    """Say how severe a hit is on a day: by its list, one step less where possible only.

    What an analyst judged not the same stays in sight as info.
    """
    of_list = effects.of_party(hit.party, on).severity
    verdict = hit.judgement.verdict if hit.judgement is not None else None
    if verdict == "not_same":
        return "info"
    is_likely = hit.level == "hit" or verdict == "same"
    return of_list if is_likely else _ORDER[max(0, _ORDER.index(of_list) - 1)]


def _finding(tenant: str, hits: Sequence[Hit], effects: Effects, as_of: datetime) -> Finding:
    best, on = hits[0], as_of.date()
    evidence: dict[str, Value] = {
        "hits": tuple(in_words(hit, effects, on) for hit in hits),
        "record_ids": tuple(dict.fromkeys(hit.subject.record_id for hit in hits)),
        "party_ids": tuple(dict.fromkeys(hit.party.party_id for hit in hits)),
        "lists": tuple(dict.fromkeys(hit.party.source for hit in hits)),
        "snapshots": tuple(dict.fromkeys(hit.snapshot for hit in hits)),
        "pairs": tuple(hit.pair for hit in hits),
        "score_ratio": best.score,
    }
    return Finding(
        finding_id=finding_id(RULE_ID, "tenant", tenant),
        rule_id=RULE_ID,
        policy_id=None,
        severity=severity(best, effects, on),
        scope="tenant",
        subject_id=tenant,
        tenant_ids=(tenant,),
        at=as_of,
        because=f"{in_words(best, effects, on)}.{_further(hits[1:], effects, on)} "
        "A person decides; nothing here clears.",
        evidence=evidence,
    )


def _further(hits: Sequence[Hit], effects: Effects, on: date) -> str:
    """Name the next pairs, without their features, and count the rest; all are in the evidence."""
    told = [_shortly(hit, effects, on) for hit in hits[:FURTHER_TOLD]]
    if len(hits) > FURTHER_TOLD:
        told.append(f"{len(hits) - FURTHER_TOLD} more in the evidence")
    return f" Further: {'; '.join(told)}." if told else ""


def _shortly(hit: Hit, effects: Effects, on: date) -> str:
    judged = "judged not the same" if certainty(hit) == "no" else None
    return f"{_pair(hit)} ({judged or effects.of_party(hit.party, on).effect})"


def in_words(hit: Hit, effects: Effects, on: date) -> str:
    """Say who may be whom on which list, how likely, by which features, and what was judged."""
    words = f"{_pair(hit)} (score {hit.score:.2f}: {'; '.join(hit.features)})"
    effect = f"{words}; {effects.of_party(hit.party, on).effect}"
    if hit.judgement is None:
        return effect
    told = hit.judgement
    verdict = told.verdict.replace("_", " ")
    return f"{effect}; judged {verdict} by {told.author} on {told.judged_on}: {told.reason}"


def _pair(hit: Hit) -> str:
    sure = "likely" if hit.level == "hit" else "possible"
    who = f"{ROLES.get(hit.subject.role, 'The name')} {_name(hit)} ({hit.subject.record_id})"
    return f"{who} is a {sure} match of {hit.listed_name} on the {hit.party.source}"


def _name(hit: Hit) -> str:
    return hit.name or next(iter(hit.subject.names), "without a name")
