"""What was last reported, as the store keeps it: a replay needs this and no broker."""

from __future__ import annotations

import json
from collections.abc import Mapping

from detector.decide import ReportedFacts
from detector.versions import Reported


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
