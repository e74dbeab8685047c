"""What nvidia-smi, amd-smi and dcgm-exporter print, and what a recorder makes of it."""

from __future__ import annotations

import pytest

from detector.errors import PolicyError
from detector.policy.parse import parse_document
from streams.record.figures import Device, Drops, Figures
from streams.record.pages import PageError, read_page, read_timed_page
from streams.record.rows import Named, RowReader, gathered, json_names, json_rows
from streams.record.samplers import amd_commands, nvidia_command
from streams.record.tables import SOURCES, SourceTable, source_table

SMI, DCGM, AMD = (source_table(name) for name in ("nvidia-smi", "dcgm", "amd-smi"))
H100 = "NVIDIA H100 80GB HBM3"
HEADER = "timestamp, index, uuid, name, utilization.gpu [%], power.draw [W]"
LABELS = f'gpu="0",UUID="GPU-a",device="nvidia0",modelName="{H100}",Hostname="n1"'
INSTANCE = f'{LABELS},GPU_I_PROFILE="3g.40gb",GPU_I_ID="1"'


def smi(*lines: str, drops: Drops | None = None) -> list[Figures]:
    reader = RowReader(SMI, drops or Drops())
    return [row.figures for line in lines if (row := reader.read(line)) is not None]


def row(power: str, use: str = "97 %") -> str:
    return f"2026/03/01 00:00:00.000, 0, GPU-a, {H100}, {use}, {power}"


def test_a_row_of_nvidia_smi_is_a_device_with_its_figures() -> None:
    reader = RowReader(SMI, Drops())
    assert reader.read(HEADER) is None
    found = reader.read(row("650.25 W"))
    assert found is not None
    assert (found.time, found.device) == ("2026/03/01 00:00:00.000", Device("GPU-a", "0", H100))
    assert found.figures == Figures({"gpu_util": 970_000, "power_w": 650_250})


@pytest.mark.parametrize("power", ["650.25 W", "650.25", "650250 mW", "0.65025 kW"])
def test_a_figure_is_read_in_the_unit_that_stands_beside_it(power: str) -> None:
    assert smi(HEADER, row(power))[0].levels["power_w"] == 650_250


def test_a_unit_in_the_header_holds_where_the_figure_has_none() -> None:
    assert smi(HEADER.replace("[W]", "[mW]"), row("650250"))[0].levels["power_w"] == 650_250


@pytest.mark.parametrize(
    "text",
    ["[N/A]", "N/A", "[Not Supported]", "[Unknown Error]", "[Insufficient Permissions]", ""],
)
def test_what_the_tool_cannot_say_is_unknown_and_not_zero(text: str) -> None:
    drops = Drops()
    assert smi(HEADER, row(text), drops=drops) == [Figures({"gpu_util": 970_000})]
    assert drops.take() == []


@pytest.mark.parametrize(
    ("power", "reason"),
    [
        ("650250 W", "impossible"),
        ("-1 W", "impossible"),
        ("650.25 J", "unknown_unit"),
        ("650.25 BTU", "unknown_unit"),
        ("warm", "not_a_number"),
        ("inf W", "not_a_number"),
        ("6 5 0", "not_a_number"),
    ],
)
def test_what_cannot_be_is_dropped_and_counted(power: str, reason: str) -> None:
    drops = Drops()
    assert smi(HEADER, row(power), drops=drops) == [Figures({"gpu_util": 970_000})]
    assert drops.take() == [("power.draw", reason, 1)]
    assert drops.take() == []


def test_the_power_of_a_whole_module_is_never_taken_for_that_of_the_board() -> None:
    header = f"{HEADER}, module.power.draw.average [W]"
    assert smi(header, f"{row('400 W')}, 900 W")[0].levels["power_w"] == 400_000
    assert smi(header, f"{row('[N/A]')}, 900 W")[0].levels == {"gpu_util": 970_000}


def test_a_device_that_fell_off_the_bus_is_silent_and_the_others_are_read() -> None:
    drops = Drops()
    lost = "2026/03/01 00:00:00.000, 1, [GPU is lost], [GPU is lost], [GPU is lost], [GPU is lost]"
    said = "Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost."
    assert smi(HEADER, row("100 W"), lost, said, drops=drops) == [
        Figures({"gpu_util": 970_000, "power_w": 100_000})
    ]
    assert drops.take() == [("device", "lost", 1)]


def test_a_reading_ends_where_a_device_comes_again() -> None:
    reader = RowReader(SMI, Drops())
    lines = [HEADER, *(row(f"{watts} W") for watts in (1, 2, 3))]
    rows = [found for line in lines if (found := reader.read(line)) is not None]
    assert [len(reading) for reading in gathered(rows)] == [1, 1, 1]


def test_amd_smi_names_its_devices_elsewhere_and_its_units_nowhere_in_csv() -> None:
    static = '[{"gpu": 0, "asic": {"market_name": "MI300X", "asic_serial": "0xA1"}}]'
    reader = RowReader(AMD, Drops(), json_names(static, AMD))
    reader.read("timestamp,gpu,gfx_activity,umc_activity,socket_power,total_energy_consumption")
    found = reader.read("1789515524,0,98,40,741,1234.567")
    assert found is not None
    assert (found.time, found.device) == ("1789515524", Device("0xA1", "0", "MI300X"))
    assert found.figures == Figures({"gpu_util": 980_000, "power_w": 741_000}, 1_234_567_000)


@pytest.mark.parametrize("shape", ["[%s]", '{"gpu_data": [%s]}'])
def test_amd_smi_says_units_in_json_whichever_release_wrote_it(shape: str) -> None:
    entry = (
        '{"gpu": 0, "usage": {"gfx_activity": {"value": 98, "unit": "%"}, "vcn": ["N/A"]},'
        ' "power": {"socket_power": {"value": 741000000, "unit": "uW"}, "ubb_power": 6000},'
        ' "energy": {"total_energy_consumption": {"value": 1234567000, "unit": "uJ"}}}'
    )
    reader = RowReader(AMD, Drops(), {"0": Named("MI300X", "0xA1")})
    (found,) = json_rows(shape % entry, reader)
    assert found.figures == Figures({"gpu_util": 980_000, "power_w": 741_000}, 1_234_567_000)


def page(*lines: str) -> str:
    return "\n".join(lines) + "\n"


def test_a_page_of_dcgm_gives_shares_as_shares_and_percent_as_percent() -> None:
    text = page(
        "# HELP DCGM_FI_DEV_GPU_UTIL GPU utilization (in %).",
        "# TYPE DCGM_FI_DEV_GPU_UTIL gauge",
        f"DCGM_FI_DEV_GPU_UTIL{{{LABELS}}} 97",
        f"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{{{LABELS}}} 0.417",
        f"DCGM_FI_DEV_POWER_USAGE{{{LABELS}}} 650.25",
        "# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION counter",
        f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{{LABELS}}} 1234567",
        f"DCGM_FI_DEV_FB_USED{{{LABELS}}} 18432",
        "go_threads 7",
    )
    levels = {"gpu_util": 970_000, "tensor_active": 417_000, "power_w": 650_250}
    found = read_page(text, DCGM, Drops())
    assert found == {Device("GPU-a", "0", H100): Figures(levels, 1_234_567_000)}


@pytest.mark.parametrize("value", ["42", "1.5", "140737488355328", "4294967295", "-1"])
def test_a_share_that_is_no_share_is_dropped_and_never_rescaled(value: str) -> None:
    drops = Drops()
    text = page(f"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{{{LABELS}}} {value}")
    assert read_page(text, DCGM, drops) == {Device("GPU-a", "0", H100): Figures({})}
    assert drops.take() == [("DCGM_FI_PROF_PIPE_TENSOR_ACTIVE", "impossible", 1)]


def test_an_instance_of_a_board_has_its_own_activity_and_not_the_power_of_the_board() -> None:
    text = page(
        f"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{{{INSTANCE}}} 0.5",
        f"DCGM_FI_DEV_POWER_USAGE{{{INSTANCE}}} 650",
        f"DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{{{INSTANCE}}} 1234567",
    )
    instance = Device("GPU-a", "0", H100, "3g.40gb", "1")
    assert read_page(text, DCGM, Drops()) == {instance: Figures({"tensor_active": 500_000})}


def test_a_board_that_is_listed_beside_its_instances_counts_once() -> None:
    text = page(
        f"DCGM_FI_DEV_POWER_USAGE{{{LABELS}}} 650",
        f"DCGM_FI_PROF_PIPE_TENSOR_ACTIVE{{{INSTANCE}}} 0.5",
    )
    instance = Device("GPU-a", "0", H100, "3g.40gb", "1")
    assert read_page(text, DCGM, Drops()) == {instance: Figures({"tensor_active": 500_000})}


def test_lines_of_a_page_may_carry_their_own_instants() -> None:
    text = page(
        f"DCGM_FI_DEV_POWER_USAGE{{{LABELS}}} 100 1772323200000",
        f"DCGM_FI_DEV_POWER_USAGE{{{LABELS}}} 200 1772323210000",
    )
    device = Device("GPU-a", "0", H100)
    assert read_timed_page(text, DCGM, Drops()) == {
        1772323200000: {device: Figures({"power_w": 100_000})},
        1772323210000: {device: Figures({"power_w": 200_000})},
    }


def test_what_is_no_page_is_told() -> None:
    with pytest.raises(PageError, match="expected Prometheus text, got "):
        read_page("<html>502 Bad Gateway</html>\n", DCGM, Drops())


def test_the_tools_are_asked_for_exactly_what_the_tables_read() -> None:
    assert nvidia_command(SMI, 500) == [
        "nvidia-smi",
        "--query-gpu=index,uuid,name,utilization.gpu,power.draw",
        "--format=csv",
        "--loop-ms=500",
    ]
    loop, names = amd_commands(AMD, 500)
    assert " ".join(loop) == "amd-smi metric --usage --power --energy --csv --watch 1"
    assert " ".join(names) == "amd-smi static --asic --json"


def test_every_field_of_every_source_says_where_its_meaning_comes_from() -> None:
    rows = [row for name in SOURCES for row in source_table(name).field]
    assert [row.name for row in rows if not row.source or row.least > row.most] == []
    assert len(rows) == 14


def test_a_table_with_a_unit_of_something_else_is_refused() -> None:
    field = 'name = "p"\ncontract = "power_w"\nunit = "mJ"\nleast = "0"\nmost = "1"\nsource = "s"'
    text = (
        'tool = "t"\nas_of = 2026-01-01\nsample_seconds = 1.0\nsource = "s"\ntime = ""\n'
        'missing = []\n[device]\nindex = "i"\nid = "u"\nname = "n"\n[[field]]\n' + field
    )
    with pytest.raises(PolicyError, match=r"p: a unit of power from units\.toml: mJ"):
        parse_document(text, "own.toml", SourceTable, "mend it")
