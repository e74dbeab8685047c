"""The peers of the benchmark do the work that they are said to do."""

import json
from pathlib import Path

import pytest

from tests.benchmark.contestant import CONTESTANTS
from tests.benchmark.throughput import disagreement, spread

CATALOGUE = "sku,aliases,bf16_tflops,fp16_tflops\nX,X1;X 1,2,1\nY,,,3\nZ,,,\n"


def line(name: str, tenant_id: str, accelerator: str, count: int, end: str) -> str:
    data = {"tenant_id": tenant_id, "start": "2026-09-01T00:00:00Z", "end": end}
    data |= {"accelerator": accelerator}
    event = {"source": "s", "id": name, "data": {**data, "accelerator_count": count}}
    return json.dumps(event) + "\n"


@pytest.mark.parametrize("name", ["duckdb", "duckdb-needed-fields", "orjson"])
def test_a_peer_adds_up_device_time_times_peak_of_first_events(tmp_path: Path, name: str) -> None:
    catalogue, file = tmp_path / "accelerators.csv", tmp_path / "usage.ndjson"
    catalogue.write_text(CATALOGUE, encoding="utf-8")
    lines = [
        line("1", "a", "X1", 8, "2026-09-01T00:05:00Z"),
        line("2", "a", "Y", 1, "2026-09-02T00:00:00.500Z"),
        line("1", "a", "X1", 8, "2026-09-01T00:05:00Z"),
        line("3", "b", "X 1", 2, "2026-09-01T00:00:00.001Z"),
    ]
    file.write_text("".join(lines), encoding="utf-8")
    assert dict(CONTESTANTS[name](file, catalogue)) == {
        "a": pytest.approx(8 * 300 * 2e12 + 86_400.5 * 3e12, rel=1e-12),
        "b": pytest.approx(2 * 0.001 * 2e12, rel=1e-12),
    }


def test_totals_that_differ_are_told_apart_from_the_last_digit() -> None:
    assert disagreement({"a": 1.0}, {"a": 1.0 + 1e-12}) is None
    assert disagreement({"a": 1.0}, {"a": 1.0001}) == "a: 1.0 beside 1.0001"
    assert disagreement({"a": 1.0}, {}) == "1 tenants beside 0"


def test_a_spread_is_least_median_and_largest() -> None:
    assert spread([3.0, 1.0, 2.0], 1) == "1.0 / 2.0 / 3.0"
