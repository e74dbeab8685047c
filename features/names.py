"""Metered names to catalogue rows: spelling, vendor words, memory size, slices of a device or pod.

A name is first looked up as it stands, but for case and white space. Only where that finds nothing
is it taken apart: the vendor's name, packaging words and separators go, the memory size goes to
the end, a slice (``MIG 1g.10gb``) is set aside. Two names are the same only where what is left is
the same: an ``A1000`` is no ``A100``. What still finds nothing stays unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import polars as pl

#: Words before a name that say who makes it or which line it belongs to, not which kind it is.
_MAKERS: Final = (
    "nvidia",
    "tesla",
    "geforce",
    "amd",
    "radeon instinct",
    "instinct",
    "intel",
    "habana",
    "google",
    "cloud",
    "aws",
    "amazon",
    "huawei",
    "cambricon",
)
#: Words inside a name that tell no two kinds apart: memory type, cooling, what it is.
_FILLERS: Final = (
    "gpu",
    "ai",
    "accelerator",
    "hbm2",
    "hbm2e",
    "hbm3",
    "hbm3e",
    "cts",
    "dlc",
    "lc",
    "shared",
    "mig",
)
_SLICE: Final = r"(?:\d+c\.)?\d+g\.\d+gb"

#: Slices of one device: a profile of a kind is this share of its compute.
SLICES: Final = pl.Schema({"profile": pl.String, "sku": pl.String, "slice_fraction": pl.Float64})
#: What the links of one accelerator of a kind carry, both ways together; null where not known.
LINK_RATES: Final = pl.Schema({"sku": pl.String, "link_bytes_per_second": pl.Float64})
#: Slices of a pod: an instance type ``prefix-N`` is N / ``units_per_accelerator`` accelerators.
PODS: Final = pl.Schema(
    {
        "prefix": pl.String,
        "sku": pl.String,
        "units_per_accelerator": pl.Float64,
        "network_kind": pl.String,
    }
)


def alias_key(name: pl.Expr) -> pl.Expr:
    """Normalise a metered name for an exact catalogue lookup: case and white space only."""
    return name.str.strip_chars().str.to_lowercase().str.replace_all(r"\s+", " ")


def name_key(name: pl.Expr) -> pl.Expr:
    """Take a name apart: what tells kinds apart, joined by ``-``, the memory size last."""
    bare = (
        name.str.to_lowercase()
        .str.replace_all(r"\((?:r|tm)\)|[®™]", " ")
        .str.replace(rf"{_SLICE}(?:[+.]\w+)*$", "")
        .str.replace(r"^nvidia\.com/", "")
        .str.replace_all(r"[\s_/(),-]+", " ")
        .str.strip_chars()
    )
    for _ in range(3):  # "NVIDIA Tesla ...", "Intel Habana ...", "AMD Radeon Instinct ..."
        bare = bare.str.replace(rf"^(?:{'|'.join(_MAKERS)}) ", "")
    for _ in range(2):  # neighbours share the blank between them
        bare = bare.str.replace_all(rf"(^| )(?:{'|'.join(_FILLERS)})( |$)", " ")
    sized = bare.str.strip_chars().str.replace_all(r" sxm\d", " sxm").str.replace(" pcle", " pcie")
    memory = sized.str.extract(r" (\d+) ?gi?b?(?: |$)")
    kind = sized.str.replace(r" \d+ ?gi?b?( |$)", " ")
    return pl.concat_str(
        _dashed(kind), pl.concat_str(memory, pl.lit("gb")), separator="-", ignore_nulls=True
    )


def _dashed(name: pl.Expr) -> pl.Expr:
    return name.str.strip_chars().str.replace_all(" +", "-")


def instance_name_key(name: pl.Expr) -> pl.Expr:
    """Take an instance type apart: Azure's ``Standard_``, SageMaker's ``ml.``, blanks for ``_``."""
    return (
        alias_key(name)
        .str.replace_all(" ", "_", literal=True)
        .str.replace(r"^(?:standard_|ml\.)", "")
    )


def slice_profile(name: pl.Expr) -> pl.Expr:
    """Give the slice of a device that a name states (``1g.10gb``), null where it states none."""
    return name.str.to_lowercase().str.extract(rf"({_SLICE})(?:[+.]\w+)*$")


@dataclass(frozen=True)
class Names:
    """The names of the catalogue.

    ``accelerators``: one row an alias and kind; ``is_loose`` marks a kind that the alias may mean
    but most often does not. ``instances``: one row an instance type. SLICES and PODS: see there.
    """

    accelerators: pl.DataFrame
    instances: pl.DataFrame
    slices: pl.DataFrame
    pods: pl.DataFrame

    @cached_property
    def kinds(self) -> pl.DataFrame:
        """One row per accelerator kind, whatever it is called."""
        return self.accelerators.drop("alias_key").unique("sku", keep="first", maintain_order=True)

    @cached_property
    def _taken_apart(self) -> pl.DataFrame:
        """Kinds by ``name_key``: of each alias, and of each alias with the kind's memory size."""
        plain = self.accelerators.with_columns(name_key=name_key(pl.col("alias_key")))
        sizes = pl.col("memory_gb").round().cast(pl.Int64).cast(pl.String)
        sized = plain.filter(
            pl.col("memory_gb").is_not_null() & ~pl.col("name_key").str.contains(r"-\d+gb$")
        ).with_columns(name_key=pl.concat_str("name_key", pl.lit("-"), sizes, pl.lit("gb")))
        return (
            pl.concat([plain, sized])
            .drop("alias_key")
            .filter(~pl.col("name_key").is_in(["", "-"]))
            .sort("name_key", "sku", "is_loose")
            .unique(["name_key", "sku"], keep="first", maintain_order=True)
        )

    @cached_property
    def _instances(self) -> pl.DataFrame:
        """One row per instance type: what is looked up by its name."""
        return self.instances.select(
            "alias_key",
            "network_kind",
            instance_sku="sku",
            catalogue_count="accelerator_count",
            network_gbit_s="network_gbit_per_second",
        ).unique("alias_key", keep="first", maintain_order=True)

    @cached_property
    def _instances_taken_apart(self) -> pl.DataFrame:
        return self._instances.with_columns(
            alias_key=instance_name_key(pl.col("alias_key"))
        ).unique("alias_key", keep="first", maintain_order=True)

    def with_instances(self, metered: pl.DataFrame) -> pl.DataFrame:
        """Add ``instance_sku``, ``catalogue_count`` and the network to rows with instance types."""
        keyed = metered.with_columns(instance_key=alias_key(pl.col("instance_type")))
        known = self._instances["alias_key"].implode()
        is_plain = pl.col("instance_key").is_null() | pl.col("instance_key").is_in(known)
        rest = keyed.filter(~is_plain)
        if rest.is_empty():
            return _joined(keyed, self._instances)
        renamed = rest.with_columns(instance_key=instance_name_key(pl.col("instance_key")))
        is_listed = pl.col("instance_key").is_in(self._instances_taken_apart["alias_key"].implode())
        return pl.concat(
            [
                _joined(keyed.filter(is_plain), self._instances),
                _joined(renamed.filter(is_listed), self._instances_taken_apart),
                _joined(renamed.filter(~is_listed), self._pods_of(renamed)),
            ]
        )

    def _pods_of(self, metered: pl.DataFrame) -> pl.DataFrame:
        """Give the instance rows of pod slices by the number in their names."""
        names = metered.select(alias_key="instance_key").unique()
        parts = pl.col("alias_key").str.extract_groups(r"^(?<prefix>.+)-(?<units>\d{1,6})t?$")
        count = pl.col("units").cast(pl.Float64) / pl.col("units_per_accelerator")
        return (
            names.with_columns(parts.struct.unnest())
            .join(self.pods, on="prefix", how="inner")
            .select(
                "alias_key",
                "network_kind",
                instance_sku="sku",
                catalogue_count=count,
                network_gbit_s=pl.lit(None, pl.Float64),
            )
            .filter((pl.col("catalogue_count") > 0) & (pl.col("catalogue_count") % 0.5 == 0))
        )

    def candidates(self, metered: pl.DataFrame) -> pl.DataFrame:
        """Give one row per row metered and kind it may be; an instance type settles an alias.

        ``metered`` has ``kind`` (a row number), ``accelerator`` and what ``with_instances`` adds.
        Adds the columns of ``kinds`` and ``slice_fraction``: the least share of the device that the
        name states, null where it states none.
        """
        named = metered.filter(pl.col("accelerator").is_not_null()).with_columns(
            alias_key=alias_key(pl.col("accelerator")), profile=slice_profile(pl.col("accelerator"))
        )
        exact = named.join(self.accelerators, on="alias_key", how="inner").drop("alias_key")
        rest = named.join(exact, on="kind", how="anti").drop("alias_key")
        if rest.height:
            exact = pl.concat([exact, *self._by_parts(rest, exact.columns)])
        settles = (pl.col("sku") == pl.col("instance_sku")).fill_null(False)
        by_alias = exact.filter(settles | ~settles.any().over("kind"))
        by_instance = (
            metered.filter(pl.col("accelerator").is_null())
            .with_columns(profile=pl.lit(None, pl.String))
            .join(
                self.kinds.with_columns(instance_sku=pl.col("sku")), on="instance_sku", how="inner"
            )
        )
        found = pl.concat([by_alias, by_instance.select(by_alias.columns)])
        return self._sliced(found).with_columns(
            is_loose=pl.col("is_loose") & ~pl.col("is_loose").all().over("kind")
        )

    def _by_parts(self, metered: pl.DataFrame, columns: list[str]) -> list[pl.DataFrame]:
        keyed = metered.with_columns(name_key=name_key(pl.col("accelerator")))
        pods = pl.col("name_key").str.replace(r"^tpu-", "").str.extract(r"^(.+)-\d{1,6}$")
        found = keyed.join(self._taken_apart, on="name_key", how="inner")
        rest = keyed.join(found, on="kind", how="anti").with_columns(prefix=pods)
        of_pods = rest.join(self.pods.select("prefix", "sku"), on="prefix", how="inner")
        alone = rest.filter(pl.col("name_key") == "").join(
            self.slices.select("profile", "sku"), on="profile", how="inner"
        )
        skus = pl.concat([of_pods, alone]).join(self.kinds, on="sku", how="inner")
        return [each.select(columns) for each in (found, skus)]

    def _sliced(self, found: pl.DataFrame) -> pl.DataFrame:
        if found["profile"].null_count() == found.height:
            return found.with_columns(slice_fraction=pl.lit(None, pl.Float64))
        parts = pl.col("profile").str.extract_groups(r"^(?:(?<part>\d+)c\.)?(?<whole>(\d+)g.+)$")
        split = found.with_columns(
            parts.struct.rename_fields(["part", "whole", "of"]).struct.unnest()
        )
        share = pl.col("part").cast(pl.Float64) / pl.col("of").cast(pl.Float64)
        return (
            split.join(
                self.slices, left_on=["whole", "sku"], right_on=["profile", "sku"], how="left"
            )
            .with_columns(slice_fraction=pl.col("slice_fraction") * share.fill_null(1.0))
            .drop("part", "whole", "of")
        )


def _joined(metered: pl.DataFrame, instances: pl.DataFrame) -> pl.DataFrame:
    return metered.join(instances, left_on="instance_key", right_on="alias_key", how="left")
