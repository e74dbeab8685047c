"""Whatever an operator writes loads or is refused in one line, and no secret is shown."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import assume, example, given
from hypothesis import strategies as st

from streams.configuration import SettingsError, load_settings
from streams.settings import Section, Settings

SMALLEST = '[kafka]\nbootstrap_servers = ["broker:9092"]\n[store]\npath = "state.db"\n'
PLACES = [
    (section, key)
    for section, field in Settings.model_fields.items()
    if isinstance(field.annotation, type)
    if issubclass(field.annotation, Section)
    for key in field.annotation.model_fields
]
SECRETS = [("kafka", "ssl_password"), ("kafka", "sasl_plain_password")]
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)


def load(text: str, environ: dict[str, str]) -> Settings:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trainwatch.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, environ)


def load_or_refuse(text: str, environ: dict[str, str]) -> str:
    """Give the refusal, empty where there was none; any other exception is a defect."""
    try:
        load(text, environ)
    except SettingsError as error:
        return str(error)
    return ""


@given(st.sampled_from(PLACES), TEXT, st.booleans())
@example(("http", "listen"), "[::1]:99999", False)
@example(("http", "listen"), "a:\u0661", False)
@example(("service", "poll_timeout_seconds"), "nan", False)
@example(("kafka", "ssl_password"), "\0", True)
def test_any_text_under_any_key_loads_or_is_one_line(
    place: tuple[str, str], value: str, as_file: bool
) -> None:
    variable = f"TRAINWATCH_{place[0]}__{place[1]}{'_file' if as_file else ''}".upper()
    refused = load_or_refuse(SMALLEST, {variable: value})
    assert len(refused.splitlines()) <= 1
    assert refused == "" or variable in refused


@given(TEXT)
@example("[kafka]\nbootstrap_servers = [[1]]\n[store]\npath = []")
@example("[[kafka]]\nbootstrap_servers = 1")
@example("[store]\npath = 1979-05-27\n[kafka]\nbootstrap_servers = [1]")
def test_any_file_loads_or_is_one_line(text: str) -> None:
    assert len(load_or_refuse(text, {}).splitlines()) == 1


@given(st.sampled_from(SECRETS), st.text("abcdefghijk0123456789", min_size=8, max_size=20))
def test_no_secret_is_ever_shown(place: tuple[str, str], secret: str) -> None:
    settings = load(SMALLEST, {f"TRAINWATCH_{place[0]}__{place[1]}".upper(): secret})
    assert settings.kafka.client_options()[place[1]] == secret
    shown = f"{settings!r} {settings!s} {settings.model_dump()} {settings.model_dump_json()}"
    assert secret not in shown


@given(TEXT)
def test_the_environment_says_the_same_as_the_file(group: str) -> None:
    assume(group)
    by_environment = load(SMALLEST, {"TRAINWATCH_KAFKA__GROUP_ID": group})
    assert by_environment.kafka.group_id == group
