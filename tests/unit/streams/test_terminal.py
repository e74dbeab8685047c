"""Reports as a person reads them on the screen, whole, in 80 columns."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from detector.report.document import Report
from streams.terminal import ROWS_MAX, report_table
from tests.support import golden_reports

EXPECTED = """\
Reports (drafts: a person certifies and files)

                                             operations,   known, due,
 report         subject                    90 % interval   past the threshold
 ──────────────────────────────────────────────────────────────────────────────
 initial        Merlion Foundation            1.5 × 10²⁶   2026-06-04 09:00 UTC
 tenant         Models Pte. Ltd.             1.05 × 10²⁶   due 2026-06-19
 foreign        test-reports (proposed)    to 2.4 × 10²⁶   probability 97 %

 withdrawn      run-1                           4 × 10²⁵   2026-03-31 01:00 UTC
 training run   test-reports (in force)                0   due 2026-04-15
 undetermined                                to 9 × 10²⁵   probability 3 %

"""


def _shown(*reports: Report) -> list[str]:
    written = StringIO()
    Console(file=written, width=80).print(report_table(reports))
    return [line.rstrip() for line in written.getvalue().splitlines()]


def test_a_report_is_three_lines_that_say_what_who_how_much_and_when() -> None:
    shown = _shown(golden_reports.first().report, golden_reports.withdrawn().report)
    assert shown == EXPECTED.splitlines()


def test_a_customer_cannot_write_on_the_screen_what_is_not_its_name() -> None:
    report = golden_reports.first().report
    names = [
        "[bold]Ltd[/bold]",
        "[/]",
        "\x1b[2Jgone\r\n\u202eevil",
        "n" * 5000,
        "東京 株式会社" * 9,
    ]
    shown = _shown(*(report.model_copy(update={"subject_name": name}) for name in names))
    text = "\n".join(shown)
    assert "[bold]Ltd[/bold]" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "�[2Jgone��" in text
    assert len(shown) < 40


def test_an_id_is_folded_and_not_cut_for_somebody_will_look_it_up() -> None:
    run_id = "data:" + "".join(f"{number:04d}" for number in range(60))
    update = {"subject_id": run_id, "subject_name": None}
    report = golden_reports.withdrawn().report.model_copy(update=update)
    column = "".join(line[16:42].strip() for line in _shown(report))
    assert run_id in column


def test_what_does_not_fit_on_the_screen_is_counted() -> None:
    report = golden_reports.first().report
    shown = _shown(*([report] * (ROWS_MAX + 3)))
    assert shown[-1].strip() == "and 3 more in reports.ndjson"
