"""Whole batches hold what the library reads record by record: the same records, the same errors."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.support.record_batches import (
    ABORT,
    APPEND_TIME,
    COMMIT,
    CONTROL,
    GZIP,
    HEAD,
    LZ4,
    NONE,
    ZSTD,
    Reader,
    Written,
    batch_of,
    old_batch,
    with_head,
    with_records,
)

TEXTS = st.binary(max_size=12) | st.just(b'{"specversion":"1.0"}\n' * 9)
HEADERS = st.sampled_from(
    (
        (),
        (("content-type", b"application/json"),),
        (("Content-Type", None), ("", b""), ("ü", b"\xff")),
    )
)
COUNTS = st.integers(1, 7) | st.integers(8, 40)


@st.composite
def records(draw: st.DrawFn) -> list[Written]:
    """Records with gaps between them, as compaction leaves; mostly with the same headers."""
    count = draw(COUNTS)
    gaps = draw(st.lists(st.sampled_from((1, 1, 1, 2, 70)), min_size=count, max_size=count))
    shared = draw(HEADERS)
    odd = draw(st.integers(0, 60))
    made, delta = [], draw(st.sampled_from((0, 0, 3)))
    for number, gap in enumerate(gaps):
        made.append(
            Written(
                delta,
                draw(st.none() | TEXTS),
                draw(st.none() | TEXTS),
                draw(st.integers(0, 2**45)),
                draw(HEADERS) if number == odd else shared,
            )
        )
        delta += gap
    return made


@st.composite
def batches(draw: st.DrawFn) -> tuple[bytes, list[tuple[int, int]]]:
    """Some batches one after the other, and what the broker says was aborted."""
    parts, aborted, base = [], [], draw(st.sampled_from((0, 5)))
    for _ in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(("plain", "plain", "plain", "committed", "aborted", "old")))
        made = draw(records())
        if kind == "old":
            plain = [each._replace(headers=()) for each in made]
            parts.append(old_batch(plain, base, draw(st.sampled_from((0, 1)))))
        else:
            producer = -1 if kind == "plain" else draw(st.sampled_from((7, 8)))
            compression = draw(st.sampled_from((NONE, GZIP, LZ4, ZSTD)))
            times = draw(st.sampled_from((0, APPEND_TIME)))
            parts.append(
                batch_of(made, base, compression=compression, producer=producer, attributes=times)
            )
        first, base = base, base + made[-1].delta + draw(st.sampled_from((1, 1, 9)))
        if kind in {"committed", "aborted"}:
            mark = Written(0, b"", COMMIT if kind == "committed" else ABORT)
            parts.append(batch_of([mark], base, producer=producer, attributes=CONTROL))
            aborted += [(producer, first)] if kind == "aborted" else []
            base += 1
    return b"".join(parts), aborted


def both(**options: Any) -> tuple[Reader, Reader]:  # noqa: ANN401 - the options of two readers
    return Reader(whole=False, **options), Reader(whole=True, **options)


@given(
    batches(),
    st.integers(0, 90),
    st.sampled_from((1, 3, 8, 500)),
    st.sampled_from(("read_committed", "read_uncommitted")),
)
def test_the_same_records_come_in_the_same_polls(
    brought: tuple[bytes, list[tuple[int, int]]], start: int, max_records: int, isolation: str
) -> None:
    readers = both(starts=[start], max_records=max_records, isolation=isolation)
    for reader in readers:
        reader.fetched(brought[0], aborted=brought[1])
    for _ in range(300 // max_records + 3):
        plain, whole = (reader.poll() for reader in readers)
        assert whole == plain


@st.composite
def cuts(draw: st.DrawFn) -> bytes:
    """One batch with something wrong in it, its checksum right unless that is what is wrong."""
    made = draw(records())
    batch = batch_of(made)
    at = draw(st.integers(0, len(batch) - HEAD.size - 1))
    kind = draw(st.sampled_from(("byte", "shorter", "longer", "count", "crc", "endless", "head")))
    if kind == "byte":
        octet = draw(st.integers(0, 255).map(lambda number: bytes([number])))
        return with_records(batch, lambda text: text[:at] + octet + text[at + 1 :])
    if kind == "shorter":
        return with_records(batch, lambda text: text[:at])
    if kind == "longer":
        return with_records(batch, lambda text: text[:at] + b"\x01" + text[at:])
    if kind == "count":
        return with_head(batch, count=draw(st.sampled_from((-1, 0, len(made) - 1, 2**31 - 1))))
    if kind == "crc":
        return with_head(batch, crc=1)
    if kind == "endless":
        many = b"\xff" * draw(st.integers(3, 11))
        return with_records(batch, lambda text: text[:at] + many + text[at + len(many) :])
    far = draw(st.sampled_from((-(2**63), -1, 2**62, 2**63 - 1)))
    name = draw(st.sampled_from(("base_offset", "first_timestamp", "max_timestamp")))
    return with_head(batch, **{name: far})


@given(cuts(), st.booleans())
def test_what_is_wrong_is_told_in_the_same_words_after_the_same_records(
    cut: bytes, follows: bool
) -> None:
    after = batch_of([Written(number, b"after") for number in range(9)], 5000)
    readers = both(max_records=15)
    for reader in readers:
        reader.fetched(cut + after if follows else cut)
    for _ in range(8):
        plain, whole = (reader.poll() for reader in readers)
        assert whole == plain
        if isinstance(plain[0], str):
            return  # polled once more after an error, the library turns round for ever


STEPS = st.sampled_from(("poll", "poll", "poll", "fetch", "pause", "resume", "seek", "take away"))


@given(st.lists(st.tuples(STEPS, st.integers(0, 1), st.integers(0, 60)), max_size=24), records())
def test_partitions_may_be_paused_moved_and_taken_away_between_polls(
    steps: list[tuple[str, int, int]], made: list[Written]
) -> None:
    readers = both(starts=[0, 0], max_records=11)
    text = batch_of(made, compression=LZ4) + batch_of(made, made[-1].delta + 1)
    taken: set[int] = set()
    for step, partition, offset in steps:
        if partition in taken and step != "poll":
            continue
        taken |= {partition} if step == "take away" else set()
        plain, whole = (_stepped(reader, step, partition, offset, text) for reader in readers)
        assert whole == plain


def _stepped(reader: Reader, step: str, partition: int, offset: int, text: bytes) -> object:
    if step == "poll":
        return reader.poll()
    if step == "fetch":
        reader.fetched(text, partition)
    elif step == "seek":
        reader.seek(offset, partition)
    else:
        steps = {"pause": reader.pause, "resume": reader.resume, "take away": reader.take_away}
        steps[step](partition)
    return None
