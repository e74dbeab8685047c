"""Whom the instruments bind: a provider that is no United States person files by house policy."""

from __future__ import annotations

from pathlib import Path

from detector.policy.model import Policy
from detector.policy.parse import parse_pack
from detector.policy.provider import NOT_BOUND, THROUGH_RESALE, policy_for

PACKS = Path(__file__).parents[3] / "detector" / "policy" / "packs"


def shipped(*names: str, **replaced: str) -> Policy:
    packs = []
    for name in names:
        text = (PACKS / f"{name}.toml").read_text(encoding="utf-8")
        for old, new in replaced.items():
            text = text.replace(f'{old} = "proposed"', f'{old} = "{new}"')
        packs.append(parse_pack(text, name))
    return Policy(packs=tuple(packs))


def test_a_us_person_has_the_policy_as_it_is_written() -> None:
    policy = shipped("us-iaas-nprm-2024", "us-bis-red-flags")
    assert policy_for(policy, is_us_person=True) == policy


def test_for_any_other_provider_the_proposed_rule_is_house_policy_and_says_why() -> None:
    (before,) = shipped("us-iaas-nprm-2024").packs
    (after,) = policy_for(shipped("us-iaas-nprm-2024"), is_us_person=False).packs
    assert [before.basis_of(scope) for scope in before.scopes] == [
        "statute",
        "house_policy",
        "house_policy",
    ]
    assert {after.basis_of(scope) for scope in after.scopes} == {"house_policy"}
    assert after.banner == f"{NOT_BOUND} {THROUGH_RESALE} {before.banner}"
    assert after == before.model_copy(update={"statute_scopes": (), "banner": after.banner})


def test_an_instrument_without_resellers_does_not_speak_of_them() -> None:
    (after,) = policy_for(shipped("us-bis-red-flags"), is_us_person=False).packs
    assert after.banner.startswith(NOT_BOUND)
    assert THROUGH_RESALE not in after.banner


def test_a_house_rule_binds_whoever_wrote_it() -> None:
    policy = shipped("us-iaas-nprm-2024", legal_status="voluntary")
    assert policy_for(policy, is_us_person=False) == policy
