"""Everything ``make bench`` prints, one measurement after another; each can be run alone."""

from __future__ import annotations

from tests.benchmark import (
    background,
    broker,
    disk,
    growth,
    memory,
    ownership,
    screening,
    throughput,
)

PARTS = (throughput, broker, background, growth, memory, disk, screening, ownership)


def main() -> int:
    """Run every part with its defaults; give 1 where one of them found wrong totals."""
    status = 0
    for part in PARTS:
        print(f"\n== {part.__name__.rpartition('.')[2]}", flush=True)
        status = max(status, part.main([]))
    return status


if __name__ == "__main__":
    raise SystemExit(main())
