"""What lies between records, octet by octet: a stretch is what the library reads, or none is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kafka.errors import CorruptRecordError
from kafka.record.default_records import DefaultRecordBatch

from streams.broker.framing import read_framing
from streams.broker.stretches import BatchHead, Stretch, stretch_of
from tests.support.record_batches import HEAD, Written, batch_of, read_back, with_head, with_records

HEADERS: tuple[tuple[str, bytes | None], ...] = (("type", b"\x00"), ("n", None))
PLAIN = batch_of([Written(n, b"a\x00\x00", b"k", 5 + n) for n in range(9)])
TYPED = batch_of([Written(n, b"a", None, 5, HEADERS) for n in range(8)])
SECTION = b"\x04\x08type\x02\x00\x02n\x01"
#: Signs, ends of a number, and numbers that go on.
OCTETS = (0, 1, 2, 3, 5, 6, 8, 0x7F, 0x80, 0x81, 0xFE, 0xFF)


def given(batch: bytes) -> Stretch | None:
    """Take a batch as ``whole_batches`` does."""
    read = DefaultRecordBatch(batch)
    head = BatchHead(read.base_offset, read.first_timestamp, None)
    return stretch_of(head, batch, HEAD.size, read.records_count)


def read_plainly(batch: bytes) -> list[tuple[object, ...]] | None:
    """Read record by record with the library; None where it refuses the batch."""
    try:
        return [each for record in DefaultRecordBatch(batch) for each in read_back(record)]
    except CorruptRecordError:
        return None


def lies(batches: Iterator[bytes]) -> list[bytes]:
    """Give the batches of which a stretch tells something else than the library."""
    taken = ((batch, given(batch)) for batch in batches)
    return [
        batch
        for batch, stretch in taken
        if stretch is not None and list(read_back(stretch)) != read_plainly(batch)
    ]


@pytest.mark.parametrize("batch", [PLAIN, TYPED], ids=["plain", "with headers"])
def test_any_octet_may_be_wrong(batch: bytes) -> None:
    assert given(batch) is not None
    wrong = (
        batch[:at] + bytes([octet]) + batch[at + 1 :]
        for at in range(HEAD.size, len(batch))
        for octet in (*OCTETS, batch[at] ^ 1, batch[at] ^ 2)
    )
    assert lies(wrong) == []


def test_headers_may_be_wrong_in_every_record_alike() -> None:
    assert TYPED.count(SECTION) == 8
    wrong = (
        TYPED.replace(SECTION, SECTION[:at] + bytes([octet]) + SECTION[at + 1 :])
        for at in range(len(SECTION))
        for octet in OCTETS
    )
    assert lies(wrong) == []


@pytest.mark.parametrize("batch", [PLAIN, TYPED], ids=["plain", "with headers"])
def test_octets_may_be_missing_or_too_many(batch: bytes) -> None:
    places = range(HEAD.size, len(batch))
    cut = [batch[:at] for at in places] + [batch[:at] + batch[at + 1 :] for at in places]
    more = [batch[:at] + b"\x00" + batch[at:] for at in (*places, len(batch))]
    assert lies(iter(cut + more)) == []
    assert [given(each) for each in (batch[:-1], batch + b"\x00")] == [None, None]


def written(**fields: int | bytes) -> bytes:
    last = Written(8, b"last", None, 5)._replace(**fields)  # type: ignore[arg-type]  # by name
    return batch_of([*(Written(n, b"a", None, 5) for n in range(8)), last])


def negative(text: bytes) -> bytes:
    """Turn the length of the last record, three octets, into a negative one."""
    at = len(text) - 9_000 - 10
    assert text[at] & 0x80
    return text[:at] + bytes([text[at] | 1]) + text[at + 1 :]


@pytest.mark.parametrize(
    ("batch", "reads"),
    [
        (batch_of([Written(n, b"a") for n in (0, 1, 2, 3, 4, 6, 5, 8, 9)]), True),
        (batch_of([Written(n, b"a") for n in (0, 1, 2, 3, 4, 5, 5, 8, 9)]), True),
        (batch_of([Written(n - 1, b"a") for n in range(9)]), True),
        (written(timestamp=2**62 + 5), True),
        (written(timestamp=2**61), None),
        (with_head(PLAIN, base_offset=2**62), True),
        (with_head(PLAIN, base_offset=-1), True),
        (with_head(PLAIN, first_timestamp=-(2**62)), True),
        (with_head(PLAIN, count=2**31 - 1), False),
        (with_head(PLAIN, count=0), False),
        (with_records(written(value=bytes(9_000)), negative), False),
    ],
    ids=[
        *("falls", "stays", "below", "ten octets", "nine octets", "far", "negative", "old"),
        *("too many", "none", "negative length"),
    ],
)
def test_what_is_unusual_is_left_to_the_library(batch: bytes, reads: bool | None) -> None:
    """``reads``: whether the library reads it; None where it comes as a stretch."""
    assert (given(batch) is None) == (reads is not None)
    assert (read_plainly(batch) is not None) == (reads is not False)


def with_longer_number(octets: int) -> bytes:
    """Write the first record's difference of time, zero, in so many octets."""
    record = PLAIN[HEAD.size : HEAD.size + 11]
    number = b"\x80" * (octets - 1) + b"\x00"
    made = bytes([2 * (len(record) - 2 + octets)]) + record[1:2] + number + record[3:]
    return with_records(PLAIN, lambda text: made + text[len(record) :])


def test_numbers_of_more_octets_than_they_need_are_read_as_far_as_the_library_does() -> None:
    batches = [with_longer_number(octets) for octets in range(1, 13)]
    assert lies(iter(batches)) == []
    assert [given(each) is not None for each in batches] == [True] * 9 + [False] * 3
    assert [read_plainly(each) is not None for each in batches] == [True] * 10 + [False] * 2


class Watched(bytes):
    """Octets that may be looked at a few times only."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:  # noqa: ANN401 - as of bytes
        self.looks += 1
        assert self.looks < 100, "it goes round"
        return super().__getitem__(place)


def test_a_length_that_leads_back_is_followed_once() -> None:
    """Three octets that say -3 lead to themselves, as often as the head has records."""
    assert read_framing(Watched(b"\x85\x80\x00" + bytes(60)), 0, 2**31 - 1) is None
