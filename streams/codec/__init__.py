"""Bytes to frames: CloudEvents from files and Kafka, with everything that was refused."""

from streams.codec.arrays import begins_with_lines, is_torn, split_array
from streams.codec.decode import decode, decode_one_by_one
from streams.codec.inflate import BROKEN_STREAM, inflated
from streams.codec.pieces import EVENT_BYTES_MAX
from streams.codec.shapes import Shapes

__all__ = [
    "BROKEN_STREAM",
    "EVENT_BYTES_MAX",
    "Shapes",
    "begins_with_lines",
    "decode",
    "decode_one_by_one",
    "inflated",
    "is_torn",
    "split_array",
]
