"""Reference tables: catalogues, country groups."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from detector.errors import PolicyError
from detector.policy.catalogue import KEYS, read_catalogue
from detector.policy.frames import ACCELERATOR_CATALOGUE, INSTANCE_CATALOGUE
from detector.policy.tables import (
    parse_country_groups,
)
from features.names import alias_key

REFERENCE = Path(__file__).parents[3] / "detector" / "policy" / "reference"
DAY = date(2026, 11, 22)

ACCELERATORS = """\
sku,family,aliases,loose_aliases,memory_gb,fp64_tflops,fp32_tflops,tf32_tflops,fp16_tflops,bf16_tflops,fp8_tflops,fp4_tflops,int8_tops,tdp_w
A-1,huge,Big  One;twin,,80,1,2,,184.6,92.3,,,400,300
A-2,, twin ,Big one,,,104.8,,,,,,,
"""
INSTANCES = """\
instance_type,accelerator_sku,accelerator_count,inter_node_network_gbit_s,network_kind
Big.Large,A-1,8,400,InfiniBand
small,,0,,
slice,A-1,0.125,10.0,
"""


def reference(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


SHIPPED = {name: reference(name) for name in KEYS}


def parse_accelerators(text: str) -> pl.DataFrame:
    return read_catalogue({**SHIPPED, "accelerators.csv": text}).accelerators()


def parse_instances(text: str) -> pl.DataFrame:
    return read_catalogue({**SHIPPED, "instance_types.csv": text}).instances()


def test_an_accelerator_has_a_row_for_each_alias_and_an_alias_a_row_for_each_accelerator() -> None:
    found = parse_accelerators(ACCELERATORS)
    assert found.schema == ACCELERATOR_CATALOGUE
    columns = ("alias_key", "sku", "family", "peak_int8", "peak_16bit", "memory_gb", "is_loose")
    assert found.select(columns).rows() == [
        ("a-1", "A-1", "huge", 4e14, 184.6e12, 80.0, False),
        ("a-2", "A-2", None, None, 104.8e12, None, False),
        ("big one", "A-1", "huge", 4e14, 184.6e12, 80.0, False),
        ("big one", "A-2", None, None, 104.8e12, None, True),
        ("twin", "A-1", "huge", 4e14, 184.6e12, 80.0, False),
        ("twin", "A-2", None, None, 104.8e12, None, False),
    ]
    assert found["tdp_w"].to_list() == [300.0, None, 300.0, None, 300.0, None]


def test_an_instance_type_has_its_count_also_none_and_a_part() -> None:
    found = parse_instances(INSTANCES)
    assert found.schema == INSTANCE_CATALOGUE
    assert found.rows() == [
        ("big.large", "A-1", 8.0, 400.0, "InfiniBand"),
        ("slice", "A-1", 0.125, 10.0, None),
        ("small", None, 0.0, None, None),
    ]


def test_names_are_compared_in_lower_case_with_single_spaces() -> None:
    names = pl.DataFrame({"name": ["  NVIDIA\tA100  80GB ", "a1000"]})
    assert names.select(alias_key(pl.col("name"))).to_series().to_list() == [
        "nvidia a100 80gb",
        "a1000",
    ]


def test_the_shipped_catalogue_never_takes_one_name_for_another() -> None:
    found = parse_accelerators(reference("accelerators.csv")).filter(~pl.col("is_loose"))
    by_alias = {key: group["sku"].to_list() for (key,), group in found.group_by("alias_key")}
    assert by_alias["a100"] == ["A100-SXM4-40GB"]
    assert "a1000" not in by_alias
    assert {key: skus for key, skus in by_alias.items() if len(skus) > 1} == {
        "10de:25b6": ["A16", "A2"],
        "a100 pcie": ["A100-PCIE-40GB", "A100-PCIE-80GB"],
        "gfx90a": ["MI210", "MI250", "MI250X"],
        "gfx942": ["MI300A", "MI300X", "MI308X", "MI325X"],
        "gfx950": ["MI350X", "MI355X"],
        "nvidia-tesla-p100": ["P100-PCIE-16GB", "P100-SXM2-16GB"],
        "nvidia-tesla-v100": ["V100-SXM2-16GB", "V100-SXM2-32GB"],
        "v100": ["V100-SXM2-16GB", "V100-SXM2-32GB"],
    }


def test_the_shipped_catalogue_says_which_accelerators_have_no_known_peak() -> None:
    found = parse_accelerators(reference("accelerators.csv"))
    unknown = found.filter(pl.col("peak_16bit").is_null())["sku"].unique().sort().to_list()
    assert unknown == ["Gaudi-HL-205", "MI308X", "MLU290-M5"]
    peaks = dict(found.select("alias_key", "peak_16bit").iter_rows())
    assert peaks["h100-sxm5-80gb"] == pytest.approx(989.4e12)


def test_every_instance_type_shipped_names_an_accelerator_of_the_catalogue() -> None:
    instances = parse_instances(reference("instance_types.csv"))
    accelerators = parse_accelerators(reference("accelerators.csv"))
    known = set(accelerators["sku"])
    assert [sku for sku in instances["sku"].drop_nulls().unique() if sku not in known] == []
    assert instances.filter(pl.col("alias_key") == "p5.48xlarge").rows() == [
        ("p5.48xlarge", "H100-SXM5-80GB", 8.0, 3200.0, "EFA")
    ]
    assert instances.filter(pl.col("alias_key") == "m5.large").rows() == [
        ("m5.large", None, 0.0, None, None)
    ]
    assert instances.filter(
        (pl.col("accelerator_count") == 0) != pl.col("sku").is_null()
    ).is_empty()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("184.6", "fast"),
            "accelerators.csv: line 2, fp16_tflops: expected a number of 0 or more, or an empty "
            "cell, found 'fast'; mend the cell, or take the file as shipped",
        ),
        (
            ("104.8", "-1"),
            "accelerators.csv: line 3, fp32_tflops: expected a number of 0 or more, or an empty "
            "cell, found '-1'; mend the cell, or take the file as shipped",
        ),
        (
            (",tdp_w", ""),
            "accelerators.csv: the header: expected columns sku, family, aliases, "
            "loose_aliases, memory_gb, tdp_w, fp64_tflops, fp32_tflops, tf32_tflops, "
            "fp16_tflops, bf16_tflops, fp8_tflops, fp4_tflops, int8_tops, found no column tdp_w; "
            "mend the cell, or take the file as "
            "shipped",
        ),
    ],
)
def test_a_wrong_cell_is_named_by_file_line_and_column(
    change: tuple[str, str], expected: str
) -> None:
    text = ACCELERATORS.replace(*change)
    if change[0] == ",tdp_w":
        text = text.replace(",300\n", "\n").replace(",,,,,,,\n", ",,,,,,\n")
    with pytest.raises(PolicyError) as caught:
        parse_accelerators(text)
    assert str(caught.value) == expected


def test_an_instance_type_named_twice_is_refused() -> None:
    with pytest.raises(PolicyError) as caught:
        parse_instances(INSTANCES + "BIG.large,A-2,4,,\n")
    assert str(caught.value) == (
        "instance_types.csv: line 2, instance_type: expected each type once, found 'Big.Large'; "
        "mend the cell, or take the file as shipped"
    )


def test_an_instance_type_without_a_count_is_refused() -> None:
    with pytest.raises(PolicyError) as caught:
        parse_instances(INSTANCES.replace("small,,0,,", "small,,,,"))
    assert str(caught.value) == (
        "instance_types.csv: line 3, accelerator_count: expected a number, found None; "
        "mend the cell, or take the file as shipped"
    )


def test_hong_kong_counts_as_china_and_macau_stands_beside_the_group() -> None:
    table = parse_country_groups(reference("country_groups.toml"))
    found = {code: table.is_member(code, "D:5", DAY) for code in ("CN", "HK", "MO", "KH", "US-DE")}
    assert found == {"CN": True, "HK": True, "MO": False, "KH": False, "US-DE": False}
    assert list(table.named_beside) == ["MO"]
    assert [len(each.countries) for each in table.groups] == [22, 3, 1]


def test_a_place_is_named_with_what_it_counts_as() -> None:
    table = parse_country_groups(reference("country_groups.toml"))
    by = "the Country Group table of the Export Administration Regulations"
    assert {
        code: table.told(code) for code in ("CN", "HK", "CN-91", "MO", "US-DE", "CN-TW", "QX")
    } == {
        "CN": "China (CN)",
        "HK": f"Hong Kong (HK), counted as China (CN) by {by}",
        "CN-91": f"Hong Kong (HK), counted as China (CN) by {by}",
        "MO": "Macau (MO), named beside D:5",
        "US-DE": "United States (US)",
        "CN-TW": "Taiwan (TW)",
        "QX": "QX",
    }


def test_a_country_group_counts_from_its_first_to_its_last_day() -> None:
    text = reference("country_groups.toml").replace(
        'id = "E:2"\n', 'id = "E:2"\neffective_from = 2026-01-01\neffective_to = 2026-06-30\n'
    )
    table = parse_country_groups(text)
    days = ["2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01"]
    assert [table.is_member("CU", "E:2", date.fromisoformat(each)) for each in days] == [
        False,
        True,
        True,
        False,
    ]
