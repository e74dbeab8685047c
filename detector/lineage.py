"""Lines of AI models: what was trained on top of what, and how much the whole line has cost.

Fine-tuning and continued pre-training add to what the base model took; nothing resets a line. Two
things make a line: runs that read the same data or checkpoint are one run already
(``features.stitch``), and a declaration names its base model. A base model is looked for among
what the same tenant, or a tenant of the same owner, declares; a name alone proves nothing of
strangers. What a customer says of its base model is taken into the expected figure, for nobody
overstates it to be left alone, and never into the low bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from detector.facts import Interval
from detector.linked import Line


@dataclass(frozen=True)
class Declared:
    """One declared AI model and the runs that were metered for it.

    ``kin``: the tenant and everybody whose models may be meant by ``base_model``.
    """

    tenant_id: str
    declaration_id: str
    model_name: str | None
    base_model: str | None
    base_operations: float | None
    runs: tuple[str, ...]
    kin: frozenset[str]


def lines(declared: Sequence[Declared], training: Mapping[str, Interval]) -> Iterator[Line]:
    """Give the line of every declared model that has a base and was metered, in their order.

    ``training``: training operations of each run. The figure is the largest that any cut of the
    line gives: what was metered of the newest models, and what the oldest of those says came
    before it. A run counts once, however many models name it.
    """
    by_name: dict[str, list[Declared]] = {}
    for each in sorted(declared, key=lambda one: (one.tenant_id, one.declaration_id)):
        if each.model_name:
            by_name.setdefault(_name(each.model_name), []).append(each)
    for newest in declared:
        if newest.runs and (newest.base_model or newest.base_operations):
            chain, is_cyclic = _chain(newest, by_name)
            yield _line(chain, training, is_cyclic=is_cyclic)


def _name(text: str) -> str:
    return " ".join(text.lower().split())


def _chain(newest: Declared, by_name: Mapping[str, list[Declared]]) -> tuple[list[Declared], bool]:
    """Follow base models down; a model that comes up a second time ends the line there."""
    chain = [newest]
    while True:
        base = _base(chain[-1], by_name)
        if base is None:
            return chain, False
        if any(_is_same(base, each) for each in chain):
            return chain, True
        chain.append(base)


def _base(model: Declared, by_name: Mapping[str, list[Declared]]) -> Declared | None:
    """Find the declaration of a base model: the tenant's own before its kin's."""
    if not model.base_model:
        return None
    meant = [each for each in by_name.get(_name(model.base_model), []) if each is not model]
    own = [each for each in meant if each.tenant_id == model.tenant_id]
    kin = [each for each in meant if each.tenant_id in model.kin]
    return next(iter(own or kin), None)


def _is_same(one: Declared, other: Declared) -> bool:
    return (one.tenant_id, one.declaration_id) == (other.tenant_id, other.declaration_id)


def _line(chain: Sequence[Declared], training: Mapping[str, Interval], *, is_cyclic: bool) -> Line:
    runs: dict[str, Interval] = {}
    low = expected = high = stated = 0.0
    for model in chain:
        runs |= {run: training[run] for run in model.runs}
        metered = [runs[run] for run in sorted(runs)]
        before = model.base_operations or 0.0
        low = max(low, sum(each.low for each in metered))
        so_far = sum(each.expected for each in metered) + before
        if so_far > expected:
            expected, stated = so_far, before
        high = max(high, sum(each.high for each in metered) + before)
    newest = chain[0]
    return Line(
        tenant_id=newest.tenant_id,
        declaration_id=newest.declaration_id,
        models=tuple(each.model_name or each.declaration_id for each in chain)
        + ((chain[-1].base_model,) if chain[-1].base_model and not is_cyclic else ()),
        own_runs=newest.runs,
        runs=tuple(sorted(runs)),
        training=Interval(low, expected, high),
        stated_operations=stated,
        is_cyclic=is_cyclic,
    )
