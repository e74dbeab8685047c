"""What a policy means for the provider that runs it, who may not be one that it binds."""

from __future__ import annotations

from typing import Final

from detector.policy.model import Pack, Policy

NOT_BOUND: Final = (
    "This provider is configured as no United States person, so the instrument does not bind it "
    "as a provider; reports rest on house policy."
)
THROUGH_RESALE: Final = (
    "It reaches foreign resellers of United States providers: ask counsel whether this is one."
)


def policy_for(policy: Policy, *, is_us_person: bool) -> Policy:
    """Give the policy as it holds for this provider.

    ``provider`` among those a pack binds means a United States provider. For any other, nothing in
    such a pack is statute: its reports keep their condition and dates, their basis is
    ``house_policy``, and a banner says why. House rules (``voluntary``) bind whoever wrote them.
    """
    if is_us_person:
        return policy
    return Policy(packs=tuple(_for_others(pack) for pack in policy.packs))


def _for_others(pack: Pack) -> Pack:
    if "provider" not in pack.binds or pack.legal_status == "voluntary":
        return pack
    resale = THROUGH_RESALE if "reseller" in pack.binds else ""
    banner = " ".join(filter(None, (NOT_BOUND, resale, pack.banner)))
    return pack.model_copy(update={"statute_scopes": (), "banner": banner})
