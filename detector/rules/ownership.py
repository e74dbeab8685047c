"""Rules about owners: who stands behind a tenant, and whether anybody knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from detector.facts import CustomerFacts, ListedOwnership, Severity
from detector.policy.model import ListedOwnerTest, Pack
from detector.rules.rule import (
    NO_SINGLE_FACT,
    Case,
    Hit,
    Rule,
    Value,
    is_large,
    most_severe,
    person_evidence,
)


def _owner_unknown(case: Case) -> Hit | None:
    """Large training of a tenant for which no natural person is known as an owner.

    Large is a share of the smallest threshold that can be reported, so ordinary tenants never
    meet it. An individual who is verified owns the account. A state, a body of one, and an
    organisation that is said to have no beneficial owner are not unknown. It mistakes listed
    companies for opaque ones; it misses owners that were invented.
    """
    if not is_large(case):
        return None
    if case.customers and all(_person_is_known(record) for record in case.customers):
        return None
    evidence: dict[str, Value] = {
        "owner_ids": tuple(sorted(case.facts.owner_ids)),
        "questions": _questions(case),
        "training_operations_low": case.facts.training.low,
        "training_operations_expected": case.facts.training.expected,
        "training_operations_high": case.facts.training.high,
        **person_evidence(case.facts),
    }
    return Hit("medium", None, evidence)


def _questions(case: Case) -> str:
    """Say what is open, a sentence each, as far as anything is on file."""
    stated = (told for record in case.customers for told in record.ownership_questions)
    if told := " ".join(dict.fromkeys(stated)):
        return told
    if any(record.kind == "individual" for record in case.customers):
        return "Its customer is an individual whose identity is not verified."
    return "No ownership of its customer is on file."


def _owned_by_listed(case: Case) -> Hit | None:
    """Listed parties own half or more of the customer, together, through links that each reach it.

    It needs no training and has no floor of operations: the instrument has none. Ownership alone
    counts, not control. It mistakes a record for a listed party where screening does, and a
    program of the sanctions list that the rule leaves out for one it names; it misses owners that
    nobody disclosed. Every instrument in force that the ownership meets is named.
    """
    return _of_all(
        [
            Hit(pack.severity, pack.id, _evidence(pack, each))
            for pack, each in _listed(case)
            if each.is_sure
        ]
    )


def _may_be_owned_by_listed(case: Case) -> Hit | None:
    """Listed parties may own half or more of the customer: a stake or a match is not known.

    A listed owner whose share cannot be told is a red flag to be resolved first (flag 29 of
    supplement no. 3 to 15 CFR part 732). High where somebody among them is listed for sure, medium
    where every match has still to be judged. The sentence names each single fact that would make
    it sure. It says nothing where only owners without a name stand in the way: that is
    owner-unknown. Every instrument in force that asks is named.
    """
    return _of_all(
        [
            Hit(_red_flag(each), pack.id, _evidence(pack, each))
            for pack, each in _listed(case)
            if not each.is_sure
        ]
    )


def _of_all(hits: list[Hit]) -> Hit | None:
    """Give the most severe hit, with what the other instruments in force say of the same."""
    best = most_severe(hits)
    if best is None:
        return None
    others = tuple(
        f"{hit.policy_id} ({hit.evidence['legal_status']}): {hit.evidence['share']} of "
        f"{hit.evidence['record']}"
        for hit in hits
        if hit is not best
    )
    also = f" The same goes for {'; '.join(others)}." if others else ""
    return replace(best, evidence={**best.evidence, "other_instruments": others, "also": also})


def _listed(case: Case) -> list[tuple[Pack, ListedOwnership]]:
    day = case.facts.as_of.date()
    return [
        (pack, each)
        for pack in case.packs
        if isinstance(pack.subject_test, ListedOwnerTest)
        and case.facts.scope in pack.scopes
        and pack.is_effective_on(day)
        for each in case.facts.listed_owners
        if each.pack_id == pack.id
    ]


def _red_flag(found: ListedOwnership) -> Severity:
    return "high" if found.is_match_sure else "medium"


def _evidence(pack: Pack, found: ListedOwnership) -> dict[str, Value]:
    return {
        "record_id": found.record_id,
        "listed_ids": found.listed_ids,
        "share_ratio_min": found.share_ratio_min,
        "share_ratio_max": found.share_ratio_max,
        "chain": found.chain,
        "record": found.record,
        "share": _share(found),
        "would_decide": _would_decide(found),
        "any_of": "; or ".join(_would_decide(found)),
        "snapshots": found.snapshots,
        "policy_id": pack.id,
        "legal_status": pack.legal_status.replace("_", " "),
        "banner": pack.banner or "none",
    }


def _share(found: ListedOwnership) -> str:
    low, high = (f"{each * 100:.6g} %" for each in (found.share_ratio_min, found.share_ratio_max))
    return low if low == high else f"{low} to {high}"


def _would_decide(found: ListedOwnership) -> tuple[str, ...]:
    if found.is_sure:
        return ()
    return found.flips or (NO_SINGLE_FACT,)


def _person_is_known(record: CustomerFacts) -> bool:
    """A person is named, or it is told why there is none to name."""
    if any(owner.is_person and owner.name for owner in record.owners):
        return True
    if record.without_owners and not record.ownership_questions:
        return True
    return record.kind == "individual" and record.verification_status == "verified"


RULES: Final = (
    Rule(
        id="listed-ownership",
        title="Owned half or more by listed parties",
        basis="us-bis-affiliates-50",
        severity="critical",
        scopes=("tenant", "owner"),
        when=_owned_by_listed,
        because="By {policy_id} ({legal_status}) {share} of {record} counts as owned by parties "
        "that are likely listed: {chain}.{also}",
    ),
    Rule(
        id="listed-share-unknown",
        title="Listed owner, and whether it is half is not known",
        basis="us-bis-affiliates-50",
        severity="high",
        scopes=("tenant", "owner"),
        when=_may_be_owned_by_listed,
        because="By {policy_id} ({legal_status}) {share} of {record} may count as owned by parties "
        "that are or may be listed: {chain}. It would be sure if this came out: "
        "{any_of}.{also}",
    ),
    Rule(
        id="owner-unknown",
        title="Large training, no natural person known as owner",
        basis="house",
        severity="medium",
        scopes=("tenant",),
        when=_owner_unknown,
        because="No natural person is known to own or control this tenant. {questions} Its "
        "training operations expected are {training_operations_expected} "
        "({training_operations_low} to {training_operations_high}); the person status is "
        "{person_status}.",
    ),
)
