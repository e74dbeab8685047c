"""A hit as fields of a document: whom we asked, whom it may be, why, and what was judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from detector.screening.parties import Hit


def hit_fields(hit: Hit) -> Mapping[str, Any]:
    """Give a hit as JSON values; ``level`` is ``hit`` for a likely match, else ``possible``."""
    judged = hit.judgement
    return {
        "record_id": hit.subject.record_id,
        "role": hit.subject.role,
        "level": hit.level,
        "score": hit.score,
        "name": hit.name,
        "listed_name": hit.listed_name,
        "party_id": hit.party.party_id,
        "party_name": hit.party.name,
        "list": hit.party.source,
        "programs": list(hit.party.programs),
        "countries": list(hit.party.countries),
        "features": list(hit.features),
        "snapshot": hit.snapshot,
        "pair": hit.pair,
        "judgement": dict(vars(judged)) if judged is not None else None,
    }
