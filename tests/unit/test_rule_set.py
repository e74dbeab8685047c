"""The rule set as a whole: it changes only by choice."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from detector.rules import RULES
from tests.support.rule_set import digest, rule_set

APPROVED = Path(__file__).parents[1] / "fixtures" / "rule_set.txt"


def test_the_rules_are_those_that_were_approved() -> None:
    """A changed line is a choice: write it anew as ``tests/support/rule_set.py`` says."""
    assert rule_set().splitlines() == APPROVED.read_text(encoding="utf-8").splitlines()


def test_a_rule_cannot_change_its_words_unseen() -> None:
    rule = RULES[0]
    changed = [
        replace(rule, title="Another"),
        replace(rule, basis="another"),
        replace(rule, because="Another."),
        replace(rule, scopes=()),
        replace(rule, when=RULES[1].when),
    ]
    assert len({digest(rule), *(digest(each) for each in changed)}) == len(changed) + 1


def test_every_rule_has_an_id_that_can_stand_in_a_file_name_and_one_that_no_other_has() -> None:
    ids = [rule.id for rule in RULES]
    assert [each for each in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each)] == []
    assert len(set(ids)) == len(ids)


def test_every_condition_is_told_by_a_docstring_of_its_own() -> None:
    told = [rule.explanation for rule in RULES]
    assert [rule.id for rule in RULES if not rule.explanation] == []
    assert len(set(told)) == len(told)
