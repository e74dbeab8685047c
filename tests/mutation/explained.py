"""Mutants that no test can notice, each with the reason why it changes nothing that counts."""

from __future__ import annotations

from typing import Final

#: Module and mutant -> why it is the same program.
EXPLAINED: Final[dict[str, str]] = {}
