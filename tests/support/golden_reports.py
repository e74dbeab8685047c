"""The reports whose pages and lines are kept whole in ``tests/fixtures/golden``.

Run ``python -m tests.support.golden_reports`` to write them and the JSON Schemas again; then
read every difference before it is committed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from detector.decide import decide, remember
from detector.documents import json_line, schema_text
from detector.facts import AccessSource, Curve, CustomerFacts, Interval, OwnerName, SubjectFacts
from detector.policy.model import Pack
from detector.report.document import Provenance, Report
from detector.report.draft import Edition, Matter, Remark, draft
from detector.report.render import TEMPLATES, render_html
from detector.rules import Finding, apply, explanations
from tests.support.charts import group
from tests.support.subjects import (
    ROOT,
    case,
    customer,
    day,
    declaration,
    pack,
    status,
    subject,
    threshold,
)

GOLDEN = ROOT / "tests/fixtures/golden"
SCHEMAS = ROOT / "detector/report/schemas"
PROVENANCE = Provenance(
    code="trainwatch 0.1.0, sha256 4be1c07a",
    policy="sha256 77aa01c2",
    lists=("consolidated screening list of 2026-06-01, sha256 c0ffee12",),
    classifier="sha256 09cc12ab",
    catalogues=("accelerators, sha256 1b2c3d4e", "instances, sha256 5f60718a"),
)
DAYS = 120


@dataclass(frozen=True)
class Golden:
    """One report with what its page is made of."""

    name: str
    report: Report
    curve: Curve
    pack: Pack


@cache
def templates() -> dict[str, str]:
    """Read the templates as shipped."""
    folder = ROOT / "detector/report/templates"
    return {name: (folder / name).read_text(encoding="utf-8") for name in TEMPLATES}


def campaign() -> SubjectFacts:
    """Give a tenant that trained for four months, with eleven idle days."""
    busy = [number for number in range(DAYS) if not 40 < number < 52]
    sums = [1.5e26 * sum(day <= number for day in busy) / len(busy) for number in range(DAYS)]
    curve = Curve(
        ends=tuple(day(number + 1) for number in range(DAYS)),
        low=tuple(value * 0.7 for value in sums),
        expected=tuple(sums),
        high=tuple(value * 1.6 for value in sums),
        starts=tuple(day(number) for number in range(DAYS)),
    )
    return subject(
        as_of=day(DAYS),
        last_end=day(DAYS),
        curve=curve,
        training=Interval(1.05e26, 1.5e26, 2.4e26),
        headquarters=(("SG", "e-1"),),
        accelerators=(("NVIDIA H200 SXM", 1.1e7), ("NVIDIA H100 SXM", 5.9e7)),
        training_run_ids=("run-2", "run-1"),
    )


def first() -> Golden:
    """Give the first version: a foreign tenant, five elements missing."""
    facts, instrument = campaign(), pack()
    record = customer(
        email=None,
        accesses=(
            AccessSource("2001:db8::7", None, day(2), day(2), 1),
            AccessSource("192.0.2.7", "SG", day(0.5), day(119.5), 41_200),
        ),
        owners=(
            OwnerName("p-9", "Tan Example", is_person=True),
            OwnerName("e-4", None, is_person=False),
        ),
        is_ownership_disclosed=False,
        declarations=(declaration(weight_security=None, incidents=None, planned_end=None),),
    )
    known_at = day(95) + timedelta(hours=9)
    decision = decide(None, facts, instrument, threshold(), known_at)
    assert decision is not None
    remarks = [
        *(Remark(found.rule_id, found.because) for found in apply(case(facts))),
        Remark("payment-mismatch", "The payer's country is not the customer's.", is_red_flag=True),
    ]
    name = "Merlion Foundation Models Pte. Ltd."
    matter = Matter(
        facts, (record,), instrument, threshold(), name, group(), ("Singapore (SG): e-1",)
    )
    edition = Edition("initial", 1, decision.standing, known_at, decision.reasons)
    return Golden(
        "report-first", draft(matter, edition, PROVENANCE, remarks), facts.curve, instrument
    )


def withdrawn() -> Golden:
    """Give a correction that takes the report back, on a run of which little is known."""
    instrument = pack(legal_status="in_force", status_confirmed=True, banner="")
    reported = subject(scope="training_run", subject_id="run-1")
    decision = decide(None, reported, instrument, threshold(), day(4))
    assert decision is not None
    previous = remember(None, decision, reported, instrument, threshold())
    facts = subject(
        scope="training_run",
        subject_id="run-1",
        curve=Curve((), (), (), ()),
        training=Interval(0.0, 4e25, 9e25),
        training_probability=None,
        person_status=status("undetermined"),
        owner_ids=("p-9",),
        accelerators=(),
        training_run_ids=(),
        methods=(),
        contributions=(),
        silent_ratio=1.0,
    )
    known_at = day(30) + timedelta(hours=1, milliseconds=250)
    correction = decide(previous, facts, instrument, threshold(), known_at)
    assert correction is not None
    matter = Matter(facts, (CustomerFacts("t-1"),), instrument, threshold(), None)
    edition = Edition("corrected", 2, correction.standing, known_at, correction.reasons)
    bare = Provenance(code="trainwatch 0.1.0", policy="x", lists=(), classifier=None, catalogues=())
    return Golden("report-withdrawn", draft(matter, edition, bare), facts.curve, instrument)


@cache
def files() -> dict[str, str]:
    """Give the text of every golden file by its name."""
    texts: dict[str, str] = {}
    for golden in (first(), withdrawn()):
        fields = json.loads(json_line(golden.report))
        texts[f"{golden.name}.json"] = json.dumps(fields, indent=1, ensure_ascii=False) + "\n"
        texts[f"{golden.name}.html"] = render_html(
            golden.report, golden.curve, golden.pack, templates(), explanations()
        )
    return texts


def schemas() -> dict[str, str]:
    """Give the text of every shipped JSON Schema by its file name."""
    return {
        "report.schema.json": schema_text(Report),
        "finding.schema.json": schema_text(Finding),
    }


def main() -> None:
    """Write the golden files and the schemas again."""
    for folder, texts in ((GOLDEN, files()), (SCHEMAS, schemas())):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
