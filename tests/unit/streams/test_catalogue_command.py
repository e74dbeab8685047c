"""``trainwatch catalogue`` as a person uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streams.cli import main
from streams.packaged import build_meaning, default_policies

HEADER = "sku,vendor,family,aliases,bf16_tflops,die_area_mm2,tdp_w,source,as_of\n"
ROW = "H300,NVIDIA,hopper,NVIDIA H300,1000,814,700,data sheet,2026-11-01\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(HEADER + ROW, encoding="utf-8")
    return path


def test_a_list_has_one_line_a_kind_and_says_that_the_rule_is_a_guess(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["catalogue", "list", "--family", "gaudi2"]) == 0
    assert capsys.readouterr().out == (
        "kind    family  16 bit  8 bit   TPP  density  rule     as of\n"
        "Gaudi2  gaudi2     432    865  6920     8.38  3A090.a  2026-11-22\n"
        "16 bit, 8 bit: dense peak, 10^12 operations a second; density: TPP a mm2 of die\n"
        "1 kind; rule: 15 CFR part 774, supplement no. 1, ECCN 3A090; 88 FR 73458 (25 October "
        "2023): arithmetic, a guess, not a classification\n"
    )


def test_a_family_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "list", "--family", "hoppper"]) == 2
    told = capsys.readouterr().err
    assert told.startswith("trainwatch: catalogue list: --family: expected one of ada, ampere, ")
    assert told.endswith("got 'hoppper'; choose one of these\n")


def test_a_name_is_explained_with_its_kinds_figures_and_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["catalogue", "explain", "Tesla K80"]) == 0
    assert capsys.readouterr().out == (
        "Tesla K80: read as it stands.\n"
        "  As an accelerator: K80.\n"
        "  It may also mean K80-GK210: these widen the bounds only.\n"
        "\n"
        "K80 (NVIDIA, kepler, 2014-11-17)\n"
        "  Dense peaks, 10^12 operations a second: fp64 2.9, fp32 8.7.\n"
        "  TPP: 278 = 8.7 x 32 bits (fp32).\n"
        "  Performance density: not known (per die, planar 28 nm (not applicable die area)).\n"
        "  Export control: none, it reaches no paragraph; arithmetic, a guess, not a "
        "classification.\n"
        "  Limits: 15 CFR part 774, supplement no. 1, ECCN 3A090; 88 FR 73458 (25 October 2023); "
        "as of 2026-11-22.\n"
        "  Source: Epoch AI hardware CSVs (snapshots 2024 to Jul-2026); [recalled]; as of "
        "2026-11-22; confidence medium.\n"
        "  Note: Board holds two GPUs and APIs usually report each half (12 GB, 4.4 fp32 TFLOPS). "
        "Planar process, so performance density is undefined under the rule.\n"
        "  Carried by: Standard_NC12 (1), Standard_NC12_Promo (1), Standard_NC24 (2), "
        "Standard_NC24_Promo (2), Standard_NC24r (2), Standard_NC24r_Promo (2), Standard_NC6 "
        "(0.5), Standard_NC6_Promo (0.5), p2.16xlarge (8), p2.8xlarge (4), p2.xlarge (0.5).\n"
        "\n"
        "K80-GK210 (NVIDIA, kepler, 2014-11-17)\n"
        "  Half of K80; a count of that name may mean packages or halves.\n"
        "  Dense peaks, 10^12 operations a second: fp64 1.45, fp32 4.35.\n"
        "  TPP of K80: 278 = 8.7 x 32 bits (fp32).\n"
        "  Performance density of K80: not known (per die, planar 28 nm (not applicable die "
        "area)).\n"
        "  Export control: none, it reaches no paragraph; arithmetic, a guess, not a "
        "classification.\n"
        "  Limits: 15 CFR part 774, supplement no. 1, ECCN 3A090; 88 FR 73458 (25 October 2023); "
        "as of 2026-11-22.\n"
        "  Source: half of the row K80; as of 2026-11-22; confidence medium.\n"
        "  Note: One of the two GPUs of a board, as nvidia-smi lists it. Metered by this name a "
        "count may mean boards or GPUs.\n"
        "  Carried by: no instance type of the catalogue.\n"
    )


def test_a_name_that_is_not_known_gets_names_that_look_alike(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["catalogue", "explain", "p5.96xlarge"]) == 0
    assert capsys.readouterr().out == (
        "p5.96xlarge: no kind and no instance type of the catalogue.\n"
        "  Hours count where accelerator_count is given; operations are listed as unknown.\n"
        "  Names that start alike, shown and never used: p5.4xlarge, p5.48xlarge.\n"
    )


def test_an_explanation_is_also_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "explain", "--json", "v4-24"]) == 0
    found = json.loads(capsys.readouterr().out)
    kinds = found.pop("kinds")
    assert found == {
        "name": "v4-24",
        "how": "taken apart",
        "accelerators": [{"sku": "TPU-v4", "is_loose": False, "slice_fraction": None}],
        "instance": {
            "instance_type": "v4-24",
            "sku": "TPU-v4",
            "accelerator_count": 12.0,
            "network_gbit_s": None,
            "network_kind": "ICI inside slice",
        },
        "near": [],
    }
    assert [kind["sku"] for kind in kinds] == ["TPU-v4"]
    assert kinds[0]["peaks"] == {"bf16": 275.0, "int8": 275.0}
    assert kinds[0]["export_control"]["standing"] == "arithmetic, a guess, not a classification"


def test_own_rows_are_checked_and_then_known(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue", "check", str(own)]) == 0
    assert capsys.readouterr().out == "0 problems\n"
    assert main(["catalogue", "explain", "NVIDIA H300", "--catalogue", str(own)]) == 0
    assert "  As an accelerator: H300.\n" in capsys.readouterr().out
    assert main(["catalogue", "explain", "NVIDIA H300"]) == 0
    assert "no kind and no instance type" in capsys.readouterr().out


def test_own_rows_that_are_wrong_end_the_command_before_they_are_used(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write_text(HEADER + ROW.replace("1000", "fast").replace("data sheet", ""))
    problem = (
        f"{own}:2: bf16_tflops: expected a number of 0 or more, or an empty cell, found 'fast'"
    )
    assert main(["catalogue", "check", str(own)]) == 2
    assert capsys.readouterr().out.splitlines()[1:] == [f"{problem}; mend the cell", "2 problems"]
    assert main(["catalogue", "list", "--catalogue", str(own)]) == 2
    assert capsys.readouterr().err == (
        f"trainwatch: {own}:2: source: expected a value, found an empty cell; fill the cell (and 1 "
        "more: run `trainwatch catalogue check`)\n"
    )
    own.unlink()
    assert main(["catalogue", "check", str(own)]) == 2
    assert capsys.readouterr().err.startswith(f"trainwatch: {own}: expected a readable catalogue")


def test_own_rows_stand_in_the_provenance_of_what_is_judged_by_them(own: Path) -> None:
    plain = build_meaning(default_policies())
    meaning = build_meaning(default_policies(), catalogue_files=[own])
    added = set(meaning.provenance.catalogues) - set(plain.provenance.catalogues)
    assert [each.split(" sha256:")[0] for each in added] == ["own.csv"]


def test_a_file_too_large_for_a_catalogue_is_refused_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.csv"
    own.write_bytes(b"x,y,z\n" * 200_000)
    assert main(["catalogue", "check", str(own)]) == 2
    assert capsys.readouterr().err == (
        f"trainwatch: {own}: expected a catalogue file of at most 1048576 bytes, found 1200000; "
        "check the path, or cut it into several\n"
    )
