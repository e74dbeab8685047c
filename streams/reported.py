"""What was last reported, and judged by, as the store keeps it: a replay needs no broker for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256

from detector.decide import ReportedFacts
from detector.meaning import Meaning
from detector.versions import Reported


def digest_of(meaning: Meaning) -> str:
    """Name what reports are judged by: code, packs, lists, judgements, classifier, catalogues."""
    judgements = meaning.screener.judgements if meaning.screener is not None else ()
    told = (
        meaning.provenance.model_dump_json(),
        meaning.policy.model_dump_json(),
        *sorted(map(repr, judgements)),
    )
    return sha256("\n".join(told).encode()).hexdigest()


def write_reported(reported: Reported) -> bytes:
    """Write the last version of one report for the store."""
    return json.dumps(
        {
            "pack_id": reported.pack_id,
            "threshold_id": reported.threshold_id,
            "scope": reported.scope,
            "subject_id": reported.subject_id,
            "tenant_ids": reported.tenant_ids,
            "facts": json.loads(reported.facts.to_json()),
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()


def read_reported(stored: Mapping[str, bytes]) -> dict[str, Reported]:
    """Read every report's last version back, by report id."""
    return {report_id: _read(json.loads(body)) for report_id, body in stored.items()}


def _read(values: dict[str, object]) -> Reported:
    facts = ReportedFacts.from_json(json.dumps(values.pop("facts")).encode())
    tenant_ids = values.pop("tenant_ids")
    if not isinstance(tenant_ids, list):
        raise TypeError(f"reported facts: expected a list of tenant ids, found {tenant_ids!r}")
    return Reported(**values, tenant_ids=tuple(tenant_ids), facts=facts)  # type: ignore[arg-type]
