"""The documented examples as a user runs them: converter, `trainwatch replay`, check."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from examples.acme_llm_cluster import check as acme_check
from examples.acme_llm_cluster import convert as acme_convert
from examples.mlperf_training import check as mlperf_check
from examples.mlperf_training import convert as mlperf_convert

PACK = Path(acme_convert.__file__).parent / "acme-5e22.toml"
#: Three submitters, one of them a joint submission; odd milliseconds, partial nodes, no nodes.
RUNS = """\
run_id,submitter,system,benchmark,nodes,accelerators_per_node,accelerator_model,run_start_ms,run_stop_ms,train_flop_6nd
r|A|s1|gpt3|0,A,s1,gpt3,2,8,NVIDIA H100-SXM5-80GB,1700000000123,1700007200124,3.4e19
r|A|s1|gpt3|1,A,s1,gpt3,,4,NVIDIA A100-SXM4-80GB,1700003600000,1700003600001,3.7e11
r|A|s2|lora|0,A,s2,lora,3,8,NVIDIA H200-SXM5-141GB,1700003599999,1700010800000,8.5e19
r|A+B|s1|gpt3|0,A+B,s1,gpt3,1,8,NVIDIA Blackwell GPU (GB200),1700000000000,1700000090001,9.0e17
"""


def replay(events: Path, out: Path, *options: str) -> None:
    command = [sys.executable, "-m", "streams", "replay", str(events), "--out", str(out), *options]
    done = subprocess.run(
        command,
        env={**os.environ, "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert (done.returncode, (out / "dead_letters.ndjson").read_text("utf-8")) == (0, ""), (
        done.stderr
    )


@pytest.mark.slow
def test_the_acme_campaign_crosses_for_its_tenant_and_its_owner_once_and_for_no_job(
    tmp_path: Path,
) -> None:
    acme_convert.main(["--out", str(tmp_path / "events")])
    replay(tmp_path / "events", tmp_path / "out", "--policy", str(PACK))
    assert acme_check.main([str(tmp_path / "out")]) == 0


@pytest.mark.parametrize("minutes", ["60", "7"])
def test_mlperf_hours_are_exact_and_the_truth_lies_inside_the_interval(
    tmp_path: Path, minutes: str
) -> None:
    runs = tmp_path / "runs.csv.gz"
    runs.write_bytes(gzip.compress(RUNS.encode()))
    options = ["--out", str(tmp_path / "events"), "--minutes", minutes, "--llm-only"]
    mlperf_convert.main([str(runs), *options])
    replay(tmp_path / "events", tmp_path / "out")
    assert mlperf_check.main([str(runs), str(tmp_path / "out"), "--llm-only"]) == 0
