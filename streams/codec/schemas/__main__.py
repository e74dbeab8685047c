"""Writes the shipped JSON Schemas of the events, or checks them for drift.

``python -m streams.codec.schemas --write`` after a change of the models; ``--check`` tells whether
the shipped files are what the models say.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from streams.codec.schemas import DIRECTORY, drifted, write


def main(arguments: Sequence[str]) -> int:
    """Write or check; gives 0, or 1 where the shipped schemas are not the models'."""
    if list(arguments) == ["--write"]:
        write(DIRECTORY)
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
