"""Claimed names behave as a dictionary does, whatever is merged, rolled back, reopened."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from features.schema import NAMES
from streams.store import NameLimits, Store
from tests.support.store_rows import Interrupted, found, minute

Name = tuple[int, int, int]  # kind, hi, lo
Known = dict[Name, tuple[int, int]]  # payload digest, minutes
Step = tuple[str, list[Name], int]

#: Few values, so that names meet, share halves, and stand at both ends of the range.
HALVES = (0, 1, 2**63, 2**64 - 1)
NAME = st.tuples(st.sampled_from([0, 0, 0, 2]), st.sampled_from(HALVES), st.sampled_from(HALVES))
STEPS = st.tuples(
    st.sampled_from(["claim", "claim", "claim", "claim", "fail", "forget", "reopen"]),
    st.lists(NAME, min_size=1, max_size=6, unique=True),
    st.integers(0, 5),
)
EVERY = [(kind, hi, lo) for kind in (0, 1, 2) for hi in HALVES for lo in HALVES]


def frame(fresh: Known) -> pl.DataFrame:
    rows = [(*name, digest, minute(at)) for name, (digest, at) in fresh.items()]
    return pl.DataFrame(rows, NAMES, orient="row")


def known_in(store: Store, asked: list[Name]) -> dict[Name, int]:
    answers: dict[Name, int] = {}
    for kind in range(3):
        of_kind = [name for name in asked if name[0] == kind]
        keys = [(hi, lo) for _, hi, lo in of_kind]
        found_here = found(store, keys, kind).items()
        answers |= {of_kind[position]: digest for position, digest in found_here}
    return answers


class Model:
    """What the store should know: a dictionary and a horizon."""

    def __init__(self) -> None:
        self.known: Known = {}
        self.horizon = 0

    def alive(self, asked: list[Name]) -> dict[Name, int]:
        return {
            name: self.known[name][0]
            for name in asked
            if name in self.known and self.known[name][1] >= self.horizon
        }


def take(store: Store, model: Model, step: Step, digest: int) -> None:
    action, asked, at = step
    expected = model.alive(asked)
    assert known_in(store, asked) == expected
    fresh = {name: (digest, at) for name in asked if name not in expected}
    if action == "forget":
        store.forget_names(minute(at))
        model.horizon = max(model.horizon, at)
    elif action == "claim":
        with store.transaction() as transaction:
            transaction.claim_names(frame(fresh))
        model.known |= fresh
    elif action == "fail":
        with suppress(Interrupted), store.transaction() as transaction:
            transaction.forget_names(minute(at))
            transaction.claim_names(frame(fresh))
            raise Interrupted


@given(st.lists(STEPS, min_size=5, max_size=30), st.integers(1, 6), st.integers(2, 3))
def test_names_are_found_as_in_a_dictionary(steps: list[Step], rows: int, fan_in: int) -> None:
    limits = NameLimits(recent=rows, slice_rows=rows, fan_in=fan_in, mapped_bytes=0)
    model = Model()
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder), durable=False, limits=limits)
        for digest, step in enumerate(steps):
            take(store, model, step, digest)
            if step[0] == "reopen":
                store.close()
                store = Store.open(Path(folder), durable=False, limits=limits)
            assert known_in(store, EVERY) == model.alive(EVERY)
        store.close()
