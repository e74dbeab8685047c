"""``python -m streams.training.by_hand``: play works written by hand through the pipeline.

Each is metered for thirty days by its host with every counter, with use, power and traffic, with
power alone and with nothing; printed is the probability of the classifier that ships.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from streams.packaged import build_meaning, default_policies, read_classifier
from streams.training.by_hand.judged import METERS, judged, works


def main() -> int:
    """Print the table as Markdown."""
    meaning = build_meaning(default_policies(), classifier=read_classifier())
    with tempfile.TemporaryDirectory(prefix="trainwatch-by-hand-") as folder:
        found = judged(meaning, Path(folder))
    head = ["work", "trains", *METERS]
    table = [head, ["---", "---", *["---:"] * len(METERS)]]
    for name, work in works().items():
        kind = f"{work['says']}, {work['devices']:,} {work['accelerator']}"
        told = [f"{found[name, meter]:.2f}" for meter in METERS]
        table.append([kind, "yes" if work["trains"] else "no", *told])
    sys.stdout.writelines("| " + " | ".join(row) + " |\n" for row in table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
