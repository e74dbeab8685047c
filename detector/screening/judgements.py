"""What analysts said of hits: one JSON object a line, the last one of a pair holds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from detector.errors import DetectorError
from detector.screening.parties import Judgement, Verdict

EXPECTED = (
    'expected one JSON object a line with "pair", "verdict" (same, not_same or unsure), '
    '"author", "reason" and "judged_on" (a date)'
)


class JudgementError(DetectorError):
    """A file of judgements cannot be used. One line: file, line, what was expected, what came."""


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    pair: str = Field(pattern=r"^[0-9a-f]{16}$")
    verdict: Verdict
    author: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    judged_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$")


def parse_judgements(text: str, name: str) -> dict[str, Judgement]:
    """Give the judgements by pair; a later line on the same pair replaces the earlier.

    Raises:
        JudgementError: A line is not a judgement.
    """
    found: dict[str, Judgement] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            read = _Line.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the line"
            raise JudgementError(
                f"{name} line {number}: {EXPECTED}; {place}: {first['msg']}; mend the line"
            ) from error
        found[read.pair] = Judgement(**read.model_dump())
    return found
