"""Writes the JSON Schemas that are shipped beside the event models, or checks them for drift.

``python -m streams.codec.schemas --write`` after a change of the models; ``--check`` tells whether
the shipped files are what the models say.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from detector.events import EVENT_MODELS, Envelope, EventModel

DIRECTORY: Final = Path(__file__).parents[2] / "detector" / "events" / "schemas"
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


def main(arguments: Sequence[str]) -> int:
    """Write or check; gives 0, or 1 where the shipped schemas are not the models'."""
    if list(arguments) == ["--write"]:
        DIRECTORY.mkdir(parents=True, exist_ok=True)
        for name, text in schema_texts().items():
            (DIRECTORY / name).write_text(text, encoding="utf-8")
        return 0
    if list(arguments) == ["--check"]:
        names = drifted(DIRECTORY)
        if names:
            sys.stderr.write(
                f"event schemas differ from the models: {', '.join(names)}; "
                "run python -m streams.codec.schemas --write\n"
            )
        return 1 if names else 0
    sys.stderr.write("expected --write or --check\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
