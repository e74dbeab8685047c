"""The figures of links between accounts, read from ``accounts.toml``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from detector.policy.parse import StrictDocument, parse_document

Ratio = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
#: Kinds of value that accounts may share.
Kind = Literal[
    "payment",
    "payer",
    "principal",
    "email",
    "email_domain",
    "phone",
    "address",
    "network",
    "provider",
    "image",
    "data",
]
Family = Literal["payment", "principal", "office", "work"]


class KindFigures(StrictDocument):
    """What a shared value of one kind weighs; each reason stands beside it in the file."""

    family: Family
    shared_ratio: Ratio
    few_max: Count
    strangers_count: Annotated[float, Field(gt=0)]


class AccountFigures(StrictDocument):
    """The keys of ``accounts.toml``; scores are probabilities from 0 to 1."""

    prior_ratio: Ratio
    population_min: Count
    score_min: Ratio
    score_sure: Ratio
    further_ratio: Ratio
    further_points_max: Annotated[float, Field(gt=0)]
    block_max: Annotated[int, Field(ge=2)]
    kinds: dict[Kind, KindFigures]
    address_words: dict[str, str]


def parse_account_figures(text: str) -> AccountFigures:
    """Read the figures from TOML text.

    Raises:
        PolicyError: A key is missing, unknown or out of range; it says which.
    """
    return parse_document(
        text, "accounts.toml", AccountFigures, "keep the keys of detector/who/accounts.toml"
    )
