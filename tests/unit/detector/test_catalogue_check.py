"""The operator's own catalogue rows are checked whole before they are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from detector.policy.catalogue import KEYS, read_catalogue
from detector.policy.catalogue_check import Yardstick, check_additions
from detector.policy.export_control import parse_export_limits
from detector.policy.plausible import parse_plausibility

REFERENCE = Path(__file__).parents[3] / "detector" / "policy" / "reference"
SHIPPED = {name: (REFERENCE / name).read_text(encoding="utf-8") for name in KEYS}
YARDSTICK = Yardstick(
    parse_export_limits((REFERENCE / "export_control.toml").read_text(encoding="utf-8")),
    parse_plausibility((REFERENCE / "plausibility.toml").read_text(encoding="utf-8")),
)
HEADER = (
    "sku,vendor,family,aliases,fp32_tflops,tf32_tflops,bf16_tflops,fp8_tflops,die_area_mm2,tpp,"
    "source,as_of"
)
GOOD = "H300,NVIDIA,hopper,NVIDIA H300;H300 SXM,67,500,1000,2000,814,,data sheet,2026-11-01"
INSTANCES = "instance_type,accelerator_sku,accelerator_count,source,as_of"


def check(*rows: str, header: str = HEADER) -> list[str]:
    text = "\n".join([header, *rows]) + "\n"
    return [problem.text() for problem in check_additions(SHIPPED, [("own.csv", text)], YARDSTICK)]


def test_a_row_that_is_right_has_no_problem_and_is_looked_up_like_any_other() -> None:
    assert check(GOOD) == []
    sheets = read_catalogue(SHIPPED, [("own.csv", f"{HEADER}\n{GOOD}\n")])
    found = sheets.accelerators().filter(sku="H300").select("alias_key", "peak_16bit", "peak_fp8")
    assert found.rows() == [
        ("h300", 1e15, 2e15),
        ("h300 sxm", 1e15, 2e15),
        ("nvidia h300", 1e15, 2e15),
    ]


@pytest.mark.parametrize(
    ("row", "problems"),
    [
        (
            GOOD.replace(",2000,", ",fast,"),
            [
                "own.csv:2: fp8_tflops: expected a number of 0 or more, or an empty cell, found "
                "'fast'; mend the cell"
            ],
        ),
        (
            GOOD.replace("data sheet", "").replace("2026-11-01", "November"),
            [
                "own.csv:2: source: expected a value, found an empty cell; fill the cell",
                "own.csv:2: as_of: expected a day such as 2026-11-22, found 'November'; say when "
                "the source was read",
            ],
        ),
        (
            GOOD.replace("1000,2000", "1979,3958"),
            [
                "own.csv:2: bf16_tflops: expected at most 1.5 times what the best of the hopper "
                "family would have here (989.4), found 1979; give the dense figure (data sheets "
                "print twice that, with sparsity), and TF32 in its own column",
                "own.csv:2: fp8_tflops: expected at most 1.5 times what the best of the hopper "
                "family would have here (1979), found 3958; give the dense figure (data sheets "
                "print twice that, with sparsity), and TF32 in its own column",
            ],
        ),
        (
            GOOD.replace("1000,2000", "1979,2000").replace(",814,", ",,"),
            [
                "own.csv:2: bf16_tflops: expected at most 1.5 times what the best of the hopper "
                "family would have here (989.4), found 1979; give the dense figure (data sheets "
                "print twice that, with sparsity), and TF32 in its own column",
            ],
        ),
        (
            GOOD.replace(",67,500,", ",500,,"),
            [
                "own.csv:2: fp32_tflops: expected at most 1.5 times what the best of the hopper "
                "family would have here (66.9), found 500; give the dense figure (data sheets "
                "print twice that, with sparsity), and TF32 in its own column"
            ],
        ),
        (
            GOOD.replace(",2000,", ",2e15,"),
            [
                "own.csv:2: fp8_tflops: expected 10^12 operations a second, at most 1e+06, found "
                "2e+15; divide it by 10^12"
            ],
        ),
        (
            GOOD.replace(",1000,2000,", ",1000,900,"),
            [
                "own.csv:2: fp8_tflops: expected at least the next wider peak (1000), found 900; "
                "see that the peaks stand in their own columns"
            ],
        ),
        (
            GOOD.replace(",814,,", ",814,32000,"),
            ["own.csv:2: tpp: expected 1.6e+04, by rule, found '32000'; leave it empty"],
        ),
        (
            GOOD.replace("H300 SXM", "A100 (80 GB);80GB"),
            [
                "own.csv:2: aliases: expected a name of its own, found 'A100 (80 GB)', which means "
                "A100-SXM4-80GB too; move it to loose_aliases, or add what tells them apart",
            ],
        ),
        (
            GOOD.replace(",67,500,1000,2000,", ",,,,,"),
            [
                "own.csv:2: bf16_tflops: expected at least one peak, found an empty cell; give the "
                "dense peaks"
            ],
        ),
        (
            GOOD.replace("H300,", "H200-SXM-141GB,").replace("NVIDIA H300;H300 SXM", "NVIDIA H200"),
            [
                "own.csv:2: sku: note: H200-SXM-141GB takes the place of the shipped row; see that "
                "this is meant"
            ],
        ),
    ],
)
def test_each_fault_is_told_with_its_line_and_column(row: str, problems: list[str]) -> None:
    assert check(row) == problems


def test_two_rows_of_one_file_cannot_share_a_name() -> None:
    other = GOOD.replace("H300,", "H301,")
    assert check(GOOD, other)[0] == (
        "own.csv:2: aliases: expected a name of its own, found 'H300', which means H301 too;"
        " move it to loose_aliases, or add what tells them apart"
    )
    assert check(GOOD, GOOD)[0] == (
        "own.csv:3: sku: expected each name once (line 2 has it), found 'H300'; leave one out"
    )


def test_a_header_is_checked_before_the_rows() -> None:
    header = HEADER.replace("family", "familly").replace(",as_of", "")
    assert check(GOOD.rpartition(",")[0], header=header) == [
        "own.csv:1: familly: expected a column of accelerators.csv, found an unknown column; "
        "rename it to family",
        "own.csv:1: family: expected this column, found none; add it",
        "own.csv:1: as_of: expected this column, found none; add it",
    ]
    assert check("1", header="name") == [
        "own.csv:1: the header: expected a column sku or instance_type or profile or prefix, found "
        "name; mend the cell, or take the file as shipped"
    ]


def test_an_instance_type_names_a_kind_of_the_catalogue_or_of_any_file_in_any_order() -> None:
    rows = [
        "own.8x,H300,8,ours,2026-11-01",
        "own.small,,0,ours,2026-11-01",
        "own.4x,H200-SXM,4,ours,2026-11-01",
        "Standard_ND96isr_H100_v5,H100-SXM5-80GB,8,ours,2026-11-01",
    ]
    instances = "\n".join([INSTANCES, *rows]) + "\n"
    files = [("kinds.csv", f"{HEADER}\n{GOOD}\n"), ("types.csv", instances)]
    found = [problem.text() for problem in check_additions(SHIPPED, files, YARDSTICK)]
    assert found == [
        "types.csv:4: accelerator_sku: expected a SKU of the catalogue, found 'H200-SXM'; did you "
        "mean H200-SXM-141GB?",
        "types.csv:5: instance_type: note: Standard_ND96isr_H100_v5 takes the place of the shipped "
        "row; see that this is meant",
    ]
    turned = check_additions(SHIPPED, files[::-1], YARDSTICK)
    assert [problem.text() for problem in turned] == found
    torn = check_additions(SHIPPED, [("types.csv", instances), ("kinds.csv", "")], YARDSTICK)
    assert {problem.file for problem in torn} == {"types.csv", "kinds.csv"}
    sheets = read_catalogue(SHIPPED, files)
    assert sheets.instances().filter(alias_key="own.8x").rows() == [
        ("own.8x", "H300", 8.0, None, None)
    ]
    both = sheets.instances().filter(alias_key="standard_nd96isr_h100_v5")
    assert both["accelerator_count"].to_list() == [8.0]
