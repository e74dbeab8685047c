"""Bytes to frames: CloudEvents from files and Kafka, with everything that was refused."""

from streams.codec.arrays import split_array
from streams.codec.decode import decode, decode_one_by_one
from streams.codec.pieces import EVENT_BYTES_MAX

__all__ = ["EVENT_BYTES_MAX", "decode", "decode_one_by_one", "split_array"]
