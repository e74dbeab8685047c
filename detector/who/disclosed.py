"""What is not known of who owns a record, and who is said to have no beneficial owner at all.

A stated reason is not the same as nothing known: a state, or a body of one, has no beneficial owner
to disclose, and a discloser may say that an organisation has none (BODS ``noBeneficialOwners``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from detector.ownership.words import reason_words
from detector.who.graph import NO_OWNER_REASON, OwnershipGraph
from detector.who.ownership import owners, unknown_owners
from detector.who.places import is_government, unspecified_reason


@dataclass(frozen=True)
class Disclosure:
    """Whole sentences: ``open_questions`` are what nobody says of the owners.

    ``without_owners`` tell who tops a chain and has no beneficial owner, and on what that rests.
    """

    open_questions: tuple[str, ...] = ()
    without_owners: tuple[str, ...] = ()


def disclosure(record_id: str, graph: OwnershipGraph, at: datetime) -> Disclosure:
    """Give what is open about the owners of a record at an instant, and who has none."""
    unnamed = [
        f"An owner of {graph.called(each.subject_id, at)} is not named: "
        f"{reason_words(each.reason)}."
        for each in unknown_owners(graph, record_id, at)
    ]
    held = [each for each in owners(graph, record_id) if each.holds_at(at)]
    for each in held:
        reason = unspecified_reason(graph.party(each.owner_id, at))
        if each.kind == "person" and reason is not None:
            unnamed.append(f"Who {each.owner_id} is, is not told: {reason_words(reason)}.")
    behind = [link for link in graph.links_behind(record_id) if link.holds_at(at)]
    denied = {each.subject_id for each in behind if each.unspecified_reason == NO_OWNER_REASON}
    tops = [
        graph.party(each.owner_id, at)
        for each in held
        if each.kind != "person" and not each.is_below_test
    ]
    silent, without = list[str](), list[str]()
    for top in tops:
        named = graph.called(top.record_id, at)
        if is_government(top):
            without.append(f"{named} is a state or a body of one: it has no beneficial owner.")
        elif top.record_id in denied:
            without.append(f"{named} is said to have no beneficial owner.")
        else:
            silent.append(f"No beneficial owner of {named} is known for sure.")
    return Disclosure((*unnamed, *silent), tuple(without))
