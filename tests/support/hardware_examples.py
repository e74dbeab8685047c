"""Examples of the rules about hardware that the catalogue does not tell of."""

from __future__ import annotations

from typing import Final

from tests.support.rule_examples import Example, low

#: Of machines to which the catalogue gives no accelerator: what was read there and stated.
UNLISTED: Final = {
    "counted_hours": 4.0,
    "accelerator_hours": 8.0,
    "operations_each": 2e20,
    "operations_stated": 4e20,
}
EXAMPLES: Final[dict[str, Example]] = {
    "instance-type-unknown": low(
        "instance-type-unknown",
        "The instance types zz9.metal are not in the catalogue; the time of their resources, "
        "12.5 h in all, counts as no operations. Accelerators were read at work there for 4 h; "
        "with 16 fast accelerators in each they may have done 3.2 × 10²¹. Add the types to the "
        "catalogue, or send accelerator and accelerator_count.",
        instance_type="zz9.metal",
        resource_hours=12.5,
        **UNLISTED,
    ),
    "accelerators-unlisted": low(
        "accelerators-unlisted",
        "By the catalogue m7i.large have no accelerators and count as no operations. Accelerators "
        "were read at work there for 4 h, and 8 accelerator-hours were stated; with 16 fast "
        "accelerators in each they may have done 3.2 × 10²¹. Find out what these machines are; "
        "then mend the catalogue or the meter.",
        instance_type="m7i.large",
        **UNLISTED,
    ),
    "accelerator-belied": low(
        "accelerator-belied",
        "Over 96 accelerator-hours told as T4 the events show more traffic between its devices "
        "than its links carry. The name counts; another kind may have done 8 × 10²¹ operations. "
        "Find out what these devices are; then mend the name, the meter or the catalogue.",
        accelerator="T4",
        sign="more traffic between its devices than its links carry",
        accelerator_hours=96.0,
        operations_at_most=8e21,
    ),
    "fraction-belied": low(
        "fraction-belied",
        "0.5 accelerator-hours of H100 were told by fractions smaller than any slice of it, beside "
        "the power of whole boards at work: of whole devices they would be 500, and 8 × 10²¹ "
        "operations at most. Either others share these boards by time, or the fraction hides them: "
        "ask who else was on them.",
        accelerator="H100",
        accelerator_hours=0.5,
        whole_accelerator_hours=500.0,
        operations_at_most=8e21,
    ),
    "accelerator-unknown": low(
        "accelerator-unknown",
        "The accelerators Q-9000 are not in the catalogue; the operations of 96 accelerator-hours "
        "are unknown, at most 8 × 10²¹ by the largest dense peak that is known.",
        accelerator="Q-9000",
        accelerator_hours=96.0,
        operations_at_most=8e21,
    ),
}
