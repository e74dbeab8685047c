"""The JSON Schemas that are shipped beside the event models, generated from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from detector.events import EVENT_MODELS, Envelope, EventModel

DIRECTORY: Final = Path(__file__).parents[3] / "detector" / "events" / "schemas"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema_texts() -> dict[str, str]:
    """Give the text of every schema by its file name: one an event type, and the envelope."""
    models: dict[str, type[EventModel]] = {"cloudevent": Envelope, **EVENT_MODELS}
    return {
        f"{name}.json": json.dumps(
            {"$schema": DIALECT, "$id": f"urn:trainwatch:{name}", **model.model_json_schema()},
            indent=2,
            sort_keys=True,
        )
        + "\n"
        for name, model in models.items()
    }


def drifted(directory: Path) -> list[str]:
    """Name the files of the directory that differ from the models, lack, or are not theirs."""
    expected = schema_texts()
    found = {path.name: path.read_text(encoding="utf-8") for path in directory.glob("*.json")}
    return sorted(n for n in expected.keys() | found.keys() if expected.get(n) != found.get(n))


def write(directory: Path) -> None:
    """Write every schema into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in schema_texts().items():
        (directory / name).write_text(text, encoding="utf-8")
