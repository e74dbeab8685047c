"""Laws of reading metered names against the shipped catalogue."""

from __future__ import annotations

import string

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.shipped_catalogue import shipped_catalogue, specified

ALIASES = sorted(shipped_catalogue().accelerators["alias_key"].unique())
KINDS = shipped_catalogue().names.kinds
aliases = st.sampled_from(ALIASES)


@settings(max_examples=40)
@given(aliases, st.data())
def test_case_and_white_space_tell_no_names_apart(alias: str, data: st.DataObject) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(alias), max_size=len(alias)))
    written = "".join(c.upper() if up else c for c, up in zip(alias, upper, strict=True))
    spaced = "  " + written.replace(" ", data.draw(st.sampled_from([" ", "  ", "\t"]))) + " "
    plain, odd = specified({"accelerator": alias}, {"accelerator": spaced}).drop("strand").rows()
    assert plain == odd


@settings(max_examples=40)
@given(aliases)
def test_a_loose_reading_widens_the_bounds_and_never_lowers_the_high(alias: str) -> None:
    rows = shipped_catalogue().accelerators.filter(alias_key=alias)
    meant = rows.filter(~pl.col("is_loose"))
    (found,) = specified({"accelerator": alias}).rows(named=True)
    strict = (meant if meant.height else rows)["peak_16bit"].drop_nulls()
    if strict.is_empty():
        return
    assert found["peak_16bit_low"] <= strict.min()
    assert found["peak_any"] >= max(rows["peak_16bit"].drop_nulls())
    assert found["peak_16bit_expected"] == strict.mean()


@settings(max_examples=40)
@given(st.text(string.ascii_letters + string.digits + " -_/().+", max_size=24))
def test_any_text_has_a_kind_of_the_catalogue_or_none(text: str) -> None:
    (found,) = specified({"accelerator": text, "instance_type": text}).rows(named=True)
    skus = [] if found["sku"] is None else found["sku"].split(" | ")
    assert set(skus) <= set(KINDS["sku"])
    assert found["slice_fraction"] is None or 0 < found["slice_fraction"] <= 1


@settings(max_examples=40)
@given(aliases, st.sampled_from(string.digits))
def test_one_more_digit_is_another_name(alias: str, digit: str) -> None:
    longer = alias + digit
    if longer in ALIASES or not alias[-1].isdigit():
        return
    (found,) = specified({"accelerator": longer})["sku"].to_list()
    (shorter,) = specified({"accelerator": alias})["sku"].to_list()
    assert found is None or found != shorter
