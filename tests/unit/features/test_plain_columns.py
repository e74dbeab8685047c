"""Equal states describe alike to the last digit, whatever they were merged from."""

from __future__ import annotations

import polars as pl
from polars.testing import assert_frame_equal

from features.accumulate import accumulate, merge
from features.rates import rates
from tests.support.usage_rows import HOUR, usage_frame, usage_row


def test_rates_do_not_tell_whether_rows_of_one_weight_came_one_by_one() -> None:
    rows = [
        usage_row(0, HOUR, resource_id=f"r{n}", job_id=job, **{"telemetry.tensor_active": told})
        for n, (job, told) in enumerate((("a", 0.2), ("a", 0.2), ("b", 0.0095), ("b", 0.0095)))
    ]
    at_once = merge([accumulate(usage_frame(rows))])
    one, two, three, four = (accumulate(usage_frame([row])) for row in rows)
    one_by_one = merge([merge([one, two]), three, four])
    assert at_once.telemetry.equals(one_by_one.telemetry)
    specs = at_once.strands.select("strand", trust=pl.lit(1))
    known = pl.DataFrame({"as_of": [10**6], "cold": [0]}, schema_overrides={"as_of": pl.Int32})
    siblings = pl.DataFrame()
    rated, again = (rates(u.telemetry, specs, siblings, known)[0] for u in (at_once, one_by_one))
    assert_frame_equal(rated, again, check_exact=True)
    assert rated["tensor_active"].to_list() == [0.2, 0.0095]
