"""The rule set in one line a rule, each with a digest of all that it says and does.

``python -m tests.support.rule_set > tests/fixtures/rule_set.txt`` takes a change of a rule as
meant.
"""

from __future__ import annotations

import inspect
import sys
from hashlib import sha256

from detector.rules import RULES
from detector.rules.rule import Rule

DIGEST_LENGTH = 16


def digest(rule: Rule) -> str:
    """Digest what a rule is: its words, its basis, and the source of its condition."""
    told = (rule.id, rule.title, rule.basis, rule.severity, *rule.scopes, rule.because)
    source = inspect.getsource(rule.when)
    return sha256("\x00".join((*told, source)).encode()).hexdigest()[:DIGEST_LENGTH]


def rule_set() -> str:
    """Give a line a rule, in the order of the rules."""
    return "".join(f"{rule.id} {digest(rule)}\n" for rule in RULES)


if __name__ == "__main__":
    sys.stdout.write(rule_set())
