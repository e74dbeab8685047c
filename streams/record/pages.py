"""Pages of dcgm-exporter, in Prometheus' text format, to what each device reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample as Line

from streams.record.figures import Cell, Device, Drops, Figures, read_figures
from streams.record.tables import SourceTable

#: A larger page is none of an exporter on one node.
PAGE_BYTES_MAX: Final = 16 * 1024 * 1024


class PageError(ValueError):
    """A page that is not in the text format."""


def read_page(text: str, table: SourceTable, drops: Drops) -> dict[Device, Figures]:
    """Read one page whose lines carry no time.

    Raises:
        PageError: It is not in the text format.
    """
    found: dict[Device, Figures] = {}
    for figures in read_timed_page(text, table, drops).values():
        found |= figures
    return found


def read_timed_page(
    text: str, table: SourceTable, drops: Drops
) -> dict[int | None, dict[Device, Figures]]:
    """Read a page by the instants of its lines, milliseconds since the epoch; None where none.

    Raises:
        PageError: It is not in the text format.
    """
    cells: dict[int | None, dict[Device, list[Cell]]] = {}
    for line in _lines(text):
        device = _device(line.labels, table)
        if device is not None:
            of_devices = cells.setdefault(_instant(line), {})
            # The parser adds what OpenMetrics asks of counters' names and DCGM leaves out.
            name = line.name.removesuffix("_total")
            of_devices.setdefault(device, []).append(Cell(name, repr(line.value)))
    return {
        at: {
            device: read_figures(of_devices[device], device, table, drops)
            for device in _each_once(of_devices)
        }
        for at, of_devices in cells.items()
    }


def _each_once(devices: Iterable[Device]) -> list[Device]:
    """Leave out the whole device where its instances are listed too: its time counts once."""
    listed = list(devices)
    cut = {device.board for device in listed if device.profile is not None}
    return [device for device in listed if device.profile is not None or device.board not in cut]


def _lines(text: str) -> list[Line]:
    try:
        families = text_string_to_metric_families(text)
        return [line for family in families for line in family.samples]
    except (ValueError, KeyError, IndexError) as error:
        raise PageError(f"expected Prometheus text, got {str(error)[:200]!r}") from error


def _instant(line: Line) -> int | None:
    return None if line.timestamp is None else round(float(line.timestamp) * 1000)


def _device(labels: Mapping[str, str], table: SourceTable) -> Device | None:
    columns = table.device
    index, name = labels.get(columns.index), labels.get(columns.name)
    if not index or not name:
        return None
    return Device(
        labels.get(columns.id) or f"index {index}",
        index,
        name,
        labels.get(columns.profile) or None,
        labels.get(columns.instance, ""),
    )
