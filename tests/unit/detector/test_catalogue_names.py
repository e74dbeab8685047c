"""Names as clouds and tools write them, against the shipped catalogue."""

from __future__ import annotations

import polars as pl
import pytest

from tests.support.shipped_catalogue import shipped_catalogue, specified


@pytest.mark.parametrize(
    ("metered", "sku"),
    [
        # nvidia-smi and DCGM
        ("NVIDIA A100-SXM4-80GB", "A100-SXM4-80GB"),
        ("NVIDIA H100 80GB HBM3", "H100-SXM5-80GB"),
        ("NVIDIA H100", "H100-SXM5-96GB"),
        ("10DE:2339", "H100-SXM5-96GB"),
        ("NVIDIA H100 PCIe", "H100-PCIE-80GB"),
        ("NVIDIA GH200 480GB", "GH200-96GB"),
        ("Tesla V100-SXM2-16GB", "V100-SXM2-16GB"),
        # Kubernetes and clouds
        ("nvidia-tesla-a100", "A100-SXM4-40GB"),
        ("nvidia-a100-80gb", "A100-SXM4-80GB"),
        ("nvidia-h100-80gb", "H100-SXM5-80GB"),
        ("NVIDIA-A100-SXM4-80GB-SHARED", "A100-SXM4-80GB"),
        ("tpu-v5-lite-podslice", "TPU-v5e"),
        ("TPU v5 lite", "TPU-v5e"),
        ("TPU v6 lite", "TPU-v6e"),
        # spelling, case and white space
        ("  nvidia   a100-SXM4-80gb ", "A100-SXM4-80GB"),
        ("A100 80GB PCIe", "A100-PCIE-80GB"),
        ("NVIDIA A100 - PCIe - 80 GB", "A100-PCIE-80GB"),
        ("Intel(R) Gaudi(R) 2 AI Accelerator", "Gaudi2"),
        ("AMD Instinct MI300X 192GB HBM3", "MI300X"),
        # the memory size settles
        ("A100 (80 GB)", "A100-SXM4-80GB"),
        ("A100 40GiB", "A100-SXM4-40GB"),
        ("V100 (32 GB)", "V100-SXM2-32GB"),
        ("K80 (12 GB)", "K80-GK210"),
        # several kinds
        ("V100", "V100-SXM2-16GB | V100-SXM2-32GB"),
        ("gfx90a", "MI210 | MI250 | MI250X"),
        # slices
        ("NVIDIA A100-SXM4-80GB MIG 1g.10gb", "A100-SXM4-80GB"),
        ("NVIDIA-H100-80GB-HBM3-MIG-3g.40gb", "H100-SXM5-80GB"),
        ("nvidia.com/mig-1g.23gb", "B200-SXM | GB200"),
        ("v4-8", "TPU-v4"),
        ("tpu-v5p-4096", "TPU-v5p"),
        # no kind of the catalogue
        ("A1000", None),
        ("NVIDIA RTX A1000", None),
        ("A100 0", None),
        ("H100 PCIe 94GB", None),
        ("RTX 6000", None),
        ("nvidia.com/gpu", None),
        ("N/A", None),
        ("", None),
        ("80GB", None),
    ],
)
def test_a_name_means_one_kind_or_each_that_it_fits_or_none(metered: str, sku: str | None) -> None:
    assert specified({"accelerator": metered})["sku"].to_list() == [sku]


def test_a_name_that_leaves_the_kind_open_widens_the_bounds_and_not_what_is_expected() -> None:
    columns = ("sku", "peak_low", "peak_expected", "peak_16bit_low", "peak_16bit_expected")
    found = specified({"accelerator": "H100"}, {"accelerator": "MI250X"}, {"accelerator": "B200"})
    assert found.select(columns).rows() == [
        ("H100-SXM5-80GB", 756e12, 989.4e12, 756e12, 989.4e12),
        ("MI250X", 191.5e12, 383e12, 191.5e12, 383e12),
        ("B200-SXM", 2250e12, 2250e12, 2250e12, 2250e12),
    ]
    assert found["peak_any"].to_list() == [1978.9e12, 383e12, 10000e12]


def test_an_instance_type_settles_what_a_name_leaves_open() -> None:
    found = specified(
        {"accelerator": "H100", "instance_type": "Standard_NC40ads_H100_v5"},
        {"accelerator": "V100", "instance_type": "p3dn.24xlarge"},
        {"accelerator": "B200", "instance_type": "p6e-gb200.36xlarge"},
        {"accelerator": "nvidia.com/mig-3g.40gb", "instance_type": "p4de.24xlarge"},
    )
    assert found["sku"].to_list() == ["H100-NVL-94GB", "V100-SXM2-32GB", "GB200", "A100-SXM4-80GB"]


@pytest.mark.parametrize(
    ("instance_type", "sku", "count"),
    [
        ("v2-8", "TPU-v2", 4.0),
        ("v3-2048", "TPU-v3", 1024.0),
        ("v4-24", "TPU-v4", 12.0),
        ("v5p-8", "TPU-v5p", 4.0),
        ("v5litepod-256", "TPU-v5e", 256.0),
        ("v6e-256", "TPU-v6e", 256.0),
        ("ct5p-hightpu-4t", "TPU-v5p", 4.0),
        ("ct6e-standard-8t", "TPU-v6e", 8.0),
        ("p2.16xlarge", "K80", 8.0),
        ("ml.p5.48xlarge", "H100-SXM5-80GB", 8.0),
        ("ND96amsr A100 v4", "A100-SXM4-80GB", 8.0),
        ("standard_nd96isr_h100_v5", "H100-SXM5-80GB", 8.0),
        ("p5.96xlarge", None, None),
        ("v4-0", None, None),
        ("v9-8", None, None),
    ],
)
def test_a_type_counts_packages_whatever_its_name_counts(
    instance_type: str, sku: str | None, count: float | None
) -> None:
    found = specified({"instance_type": instance_type})
    assert found.select("sku", "catalogue_count").rows() == [(sku, count)]


def test_a_slice_in_a_name_is_a_share_of_its_own_device() -> None:
    names = [
        "NVIDIA A100-SXM4-80GB MIG 1g.10gb",
        "A30 MIG 2g.12gb",
        "nvidia.com/mig-3g.40gb",
        "NVIDIA H100 80GB HBM3 MIG 1c.3g.40gb",
        "NVIDIA A100-SXM4-40GB MIG 1g.5gb+me",
        "nvidia.com/mig-1g.5gb.me",
        "NVIDIA A100-SXM4-40GB MIG 9g.99gb",
        "NVIDIA A100-SXM4-40GB",
    ]
    found = specified(*({"accelerator": name} for name in names))
    expected = [1 / 7, 2 / 4, 3 / 7, 1 / 7, 1 / 7, 1 / 7, None, None]
    assert [None if x is None else round(x, 12) for x in found["slice_fraction"]] == [
        None if x is None else round(x, 12) for x in expected
    ]
    assert found["sku"].to_list()[3:] == [
        "H100-SXM5-80GB",
        "A100-SXM4-40GB",
        "A100-PCIE-40GB | A100-SXM4-40GB | A800-PCIE-40GB | A800-SXM4-40GB",
        "A100-SXM4-40GB",
        "A100-SXM4-40GB",
    ]


def test_every_name_of_a_kind_means_that_kind_among_those_it_may_mean() -> None:
    aliases = shipped_catalogue().accelerators
    found = specified(*({"accelerator": name} for name in aliases["alias_key"]))
    meant = aliases.filter(~pl.col("is_loose")).group_by("alias_key").agg(pl.col("sku").sort())
    loose = aliases.group_by("alias_key").agg(pl.col("sku").sort())
    by_alias = {**dict(loose.iter_rows()), **dict(meant.iter_rows())}
    resolved = dict(zip(aliases["alias_key"], found["sku"], strict=True))
    assert {k: v for k, v in resolved.items() if v != " | ".join(by_alias[k])} == {}
