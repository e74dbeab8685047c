"""Whatever stands in a statement, an answer comes: what cannot be read is unknown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detector.who.graph import build_graph
from detector.who.ownership import owners, unknown_owners
from detector.who.status import headquarters, record_status
from tests.support.charts import countries

AT = datetime(2026, 1, 1, tzinfo=UTC)
TABLE = countries()

ids = st.sampled_from(["A", "B", "T"])
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
dates = st.sampled_from(["2020-01-01", "2021-05-05T10:00:00Z", "0001-01-01", "9999-12-31", "2020"])


def maybe(good: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return good | anything


shares = st.dictionaries(
    st.sampled_from(["exact", "minimum", "exclusiveMaximum"]), maybe(st.integers(0, 100))
)
interests = st.fixed_dictionaries(
    {},
    optional={
        "type": maybe(st.sampled_from(["shareholding", "boardChair", "nominee"])),
        "directOrIndirect": maybe(st.sampled_from(["direct", "indirect"])),
        "beneficialOwnershipOrControl": anything,
        "share": maybe(shares),
        "startDate": maybe(dates),
        "endDate": maybe(dates),
    },
)
places = st.fixed_dictionaries(
    {}, optional={"type": maybe(st.just("registered")), "country": anything}
)
details = st.fixed_dictionaries(
    {},
    optional={
        "subject": maybe(ids),
        "interestedParty": maybe(ids),
        "interests": maybe(st.lists(maybe(interests), max_size=3)),
        "names": maybe(st.lists(anything, max_size=2)),
        "nationalities": maybe(st.lists(anything, max_size=2)),
        "addresses": maybe(st.lists(maybe(places), max_size=2)),
        "jurisdiction": anything,
        "name": anything,
    },
)
statements = st.fixed_dictionaries(
    {},
    optional={
        "recordId": maybe(st.sampled_from(["A", "B", "T", "r1", "r2", "r3"])),
        "recordType": maybe(st.sampled_from(["person", "entity", "relationship"])),
        "recordStatus": maybe(st.sampled_from(["new", "updated", "closed"])),
        "statementDate": maybe(dates),
        "statementId": anything,
        "recordDetails": maybe(details),
    },
)


@given(st.lists(statements, max_size=8))
def test_any_statements_give_an_answer(stated: list[dict[str, Any]]) -> None:
    graph = build_graph([(each, AT) for each in stated])
    found = owners(graph, "T")
    assert found
    assert all(0 <= each.share_min <= each.share_max <= 1 for each in found)
    assert all(each.chain[0] == each.owner_id and each.chain[-1] == "T" for each in found)
    assert record_status("T", graph, AT, TABLE).reasons
    assert headquarters("T", graph, AT, TABLE)[0].record_id == "T"
    assert all(each.reason for each in unknown_owners(graph, "T", AT))
