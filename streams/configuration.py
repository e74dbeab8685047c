"""TOML file and environment -> Settings. Every refusal is one line: where, what came, what to do.

Order of strength: environment variable ``TRAINWATCH_SECTION__KEY``, then the file, then the
default. A secret may be given as ``<key>_file`` in either place: its text without the last
newline is the value.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from streams.settings import KafkaSettings, Section, Settings

PREFIX = "TRAINWATCH_"
_LIMIT_BYTES = 64 * 1024  # a secret file larger than this is the wrong file

Table = dict[str, Any]


class _KafkaOnly(Section):
    """A configuration of which only ``[kafka]`` is used."""

    kafka: KafkaSettings


class SettingsError(Exception):
    """The configuration is wrong; the message is one line for the operator."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(" ".join(f"{where}: {what}".split()))


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the file, lay the environment over it, check it all.

    Args:
        path: The TOML file; relative paths inside it are taken from its folder.
        environ: The environment; the process's own by default.

    Raises:
        SettingsError: The file cannot be read, or a section, key or value is wrong.
    """
    table, origins = _laid_over(path, environ)
    try:
        return Settings.model_validate(table, context={"folder": path.parent})
    except ValidationError as error:
        raise _first_error(error, path, origins) from None


def load_kafka(path: Path, environ: Mapping[str, str] | None = None) -> KafkaSettings:
    """Read the ``[kafka]`` section alone, for a command that has no store; arguments as above.

    Raises:
        SettingsError: The file cannot be read, or a key or value of the section is wrong.
    """
    table, origins = _laid_over(path, environ)
    try:
        only = {"kafka": table.get("kafka", {})}
        return _KafkaOnly.model_validate(only, context={"folder": path.parent}).kafka
    except ValidationError as error:
        raise _first_error(error, path, origins) from None


def _laid_over(
    path: Path, environ: Mapping[str, str] | None
) -> tuple[Table, dict[tuple[str, str], str]]:
    """Give the file under the environment, and which keys came from a variable."""
    table = _read_toml(path)
    origins: dict[tuple[str, str], str] = {}
    _check_names(table, str(path))
    overrides = _overrides(os.environ if environ is None else environ, origins)
    for section, keys in overrides.items():
        below = table.setdefault(section, {})
        for key in keys:
            for rival in _rivals(key):
                below.pop(rival, None)
        below.update(keys)
    _read_secrets(table, path, origins)
    return table, origins


def _read_toml(path: Path) -> Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        advice = "give a readable TOML file with --config"
        raise SettingsError(str(path), f"cannot be read ({error.strerror}); {advice}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(str(path), f"is not TOML: {error}; mend that line") from None


def _section_class(name: str) -> type[Section]:
    annotation = Settings.model_fields[name].annotation
    assert isinstance(annotation, type)
    assert issubclass(annotation, Section)
    return annotation


def _is_secret(field: FieldInfo) -> bool:
    return SecretStr in (field.annotation, *get_args(field.annotation))


def _allowed_keys(section: str) -> list[str]:
    fields = _section_class(section).model_fields
    secrets = [f"{key}_file" for key, field in fields.items() if _is_secret(field)]
    return [*fields, *secrets]


def _rivals(key: str) -> tuple[str, str]:
    """A key and its ``_file`` variant are two ways to say one thing."""
    return (key.removesuffix("_file"), f"{key.removesuffix('_file')}_file")


def _unknown(where: str, what: str, name: str, allowed: list[str]) -> SettingsError:
    close = difflib.get_close_matches(name, allowed, n=1)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return SettingsError(where, f'unknown {what} "{name}"; {guess}allowed: {", ".join(allowed)}')


def _check_names(table: Table, where: str) -> None:
    for section, keys in table.items():
        if section not in Settings.model_fields:
            raise _unknown(where, "section", section, list(Settings.model_fields))
        if not isinstance(keys, dict):
            raise SettingsError(where, f'expected a table [{section}], got "{section} = ..."')
        for key in keys:
            if key not in _allowed_keys(section):
                raise _unknown(f"{where} [{section}]", "key", key, _allowed_keys(section))


def _overrides(environ: Mapping[str, str], origins: dict[tuple[str, str], str]) -> Table:
    found: Table = {}
    for variable, value in sorted(environ.items()):
        section, separator, key = variable.removeprefix(PREFIX).lower().partition("__")
        if not variable.startswith(PREFIX) or not separator:
            continue
        _check_names({section: {key: value}}, f"environment variable {variable}")
        origins[section, key] = f"environment variable {variable}"
        found.setdefault(section, {})[key] = value
    return found


def _read_secrets(table: Table, path: Path, origins: dict[tuple[str, str], str]) -> None:
    for section, keys in table.items():
        for key in [name for name in keys if name not in _section_class(section).model_fields]:
            secret = key.removesuffix("_file")
            where = origins.get((section, key), f"{path} [{section}] {key}")
            if secret in keys:
                raise SettingsError(where, f'stands beside "{secret}"; keep one of the two')
            keys[secret] = _read_secret(path.parent / str(keys.pop(key)), where)


def _read_secret(path: Path, where: str) -> str:
    try:
        with path.open("rb") as opened:
            raw = opened.read(_LIMIT_BYTES + 1)
        if len(raw) > _LIMIT_BYTES:
            advice = "name the secret's file"
            raise SettingsError(where, f"{path} is over {_LIMIT_BYTES} bytes; {advice}")
        return raw.decode("utf-8").strip()
    except OSError as error:
        raise SettingsError(where, f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise SettingsError(where, f"{path} is not UTF-8 text; store the secret as text") from None
    except ValueError as error:
        raise SettingsError(where, f"is not a path ({error}); name the secret's file") from None


def _first_error(
    error: ValidationError, path: Path, origins: dict[tuple[str, str], str]
) -> SettingsError:
    first = error.errors(include_url=False, include_context=False)[0]
    section, key = str(first["loc"][0]), str(first["loc"][1]) if len(first["loc"]) > 1 else ""
    message = first["msg"].removeprefix("Value error, ")
    message = message.replace("Input should be", "expected", 1)
    if first["type"] == "tuple_type":
        message = 'expected a list of texts such as ["one", "two"], or one text'
    field = _section_class(section).model_fields.get(key)
    if field is not None and not _is_secret(field) and "got" not in message:
        message = f"{message}, got {str(first['input'])[:80]!r}"
    where = origins.get((section, key), f"{path} [{section}] {key}".rstrip())
    if first["type"] == "missing":
        variable = f"{PREFIX}{section}__{key or 'KEY'}".upper()
        message = f"is required; add it to the file or set {variable}"
    return SettingsError(where, message)
