"""The shipped JSON Schemas of the events."""

from __future__ import annotations

import json
from pathlib import Path

from streams.codec.schemas import DIRECTORY, drifted, schema_texts, write


def test_the_shipped_schemas_are_what_the_models_say() -> None:
    assert drifted(DIRECTORY) == []


def test_a_changed_and_a_foreign_file_are_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "cloudevent.json").write_text("{}", encoding="utf-8")
    (tmp_path / "old.json").write_text("{}", encoding="utf-8")
    assert drifted(tmp_path) == ["cloudevent.json", "old.json"]


def test_the_usage_schema_requires_what_the_contract_marks() -> None:
    schema = json.loads(schema_texts()["trainwatch.usage.v1.json"])
    assert schema["required"] == ["tenant_id", "resource_id", "start", "end"]
    assert schema["properties"]["partition_fraction"]["anyOf"][0] == {
        "exclusiveMinimum": 0,
        "maximum": 1,
        "type": "number",
    }
