"""Shapes that are kept from batch to batch change no result, and stay few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streams.codec import Shapes, decode, decode_one_by_one
from streams.codec import shapes as module
from streams.codec.template import Template, template_of
from streams.ports import Batch, LineBlock
from tests.support.codec_events import text, usage_event

LINES = [text(usage_event(str(number), job_id=f"j{number}")) for number in range(20)]
OTHERS = [text(usage_event(f"o{number}", region="r")) for number in range(20)]


def block(lines: list[bytes]) -> Batch:
    return Batch(blocks=[LineBlock("a.ndjson", 1, b"\n".join(lines))])


def template() -> Template:
    found = template_of(LINES[0], ())
    assert found is not None
    return found


def test_a_batch_reads_the_same_with_the_shapes_of_the_batches_before() -> None:
    shapes = Shapes()
    before = decode(block(LINES), shapes)
    after = decode(block([*OTHERS, *LINES[:3]]), shapes)
    fresh = decode(block([*OTHERS, *LINES[:3]]))
    assert before.usage.height == 20
    assert after.usage.sort("ordinal").equals(fresh.usage.sort("ordinal"))
    assert after.usage["job_id"].drop_nulls().to_list() == ["j0", "j1", "j2"]


def test_a_shape_once_learnt_serves_a_batch_that_has_it_too_seldom_to_learn_it() -> None:
    shapes = Shapes()
    decode(block(LINES), shapes)
    known = shapes.of(template().quotes)
    assert len(known) == 1
    assert decode(block(LINES[:8]), shapes).usage.height == 8
    assert shapes.of(template().quotes) == known


def test_the_oldest_shapes_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHAPES_MAX", 2)
    shapes = Shapes()
    made = [replace(template(), unknown=(str(number),)) for number in range(3)]
    for each in made:
        shapes.learn(each)
    assert shapes.of(template().quotes) == tuple(made[1:])
    assert shapes.of(template().quotes + 2) == ()


def test_values_that_look_like_keys_are_no_part_of_a_shape() -> None:
    data = {"job_id": "a: 5", "image_id": "b:null", "x:1": "y", "region": "1", "note": ["c", "d:2"]}
    lines = [text(usage_event(str(n), **data, zone=str(n))) for n in range(12)]
    other = [text(usage_event(f"o{n}", **data | {"x:1": 7}, zone=str(n))) for n in range(12)]
    batch = block([*lines, *other])
    found = decode(batch).usage.sort("ordinal")
    assert found.equals(decode_one_by_one(batch).usage)
    assert found.select("job_id", "image_id", "region").unique().rows() == [("a: 5", "b:null", "1")]
    assert found["zone"].to_list() == [str(n) for n in range(12)] * 2
