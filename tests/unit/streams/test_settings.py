"""The configuration: what is accepted, what each refusal says, and that no secret is printed."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from streams.configuration import SettingsError, load_settings
from streams.settings import Section, Settings

EXAMPLE = Path(__file__).resolve().parents[3] / "deploy" / "trainwatch.toml"
SMALLEST = '[kafka]\nbootstrap_servers = ["broker:9092"]\n[store]\npath = "state.db"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "trainwatch.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(folder: Path, text: str, environ: dict[str, str] | None = None) -> str:
    path = write(folder, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, environ or {})
    return str(caught.value).replace(str(folder), "DIR")


def sections() -> dict[str, type[Section]]:
    found = {name: field.annotation for name, field in Settings.model_fields.items()}
    return {
        name: kind
        for name, kind in found.items()
        if isinstance(kind, type) and issubclass(kind, Section)
    }


def test_two_keys_are_enough_and_the_rest_has_defaults(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, SMALLEST), {})
    assert settings.model_dump(exclude={"kafka", "service"}) == {
        "store": {"path": tmp_path / "state.db"},
        "http": {"listen": "127.0.0.1:9464"},
        "policy": {
            "ids": (
                "us-iaas-nprm-2024",
                "us-ear-hq-d5-macau",
                "us-bis-affiliates-50",
                "us-bis-red-flags",
            ),
            "directory": None,
        },
        "screening": {"files": (), "judgements": ()},
        "ownership": {"gleif": ()},
        "catalogue": {"files": ()},
        "classifier": {"challenger": None},
        "provider": {"is_us_person": True},
    }


def test_the_shipped_example_loads_and_says_the_defaults(tmp_path: Path) -> None:
    shipped = load_settings(EXAMPLE, {})
    smallest = load_settings(write(tmp_path, SMALLEST), {})
    required = {"kafka": {"bootstrap_servers"}, "store": {"path"}}
    assert shipped.model_dump(exclude=required) == smallest.model_dump(exclude=required)


def test_the_shipped_example_names_every_key_and_no_other() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    tables = tomllib.loads(re.sub(r"(?m)^# (\w+ = )", r"\1", text))
    named = {
        section: {key.removesuffix("_file") for key in keys} for section, keys in tables.items()
    }
    assert named == {name: set(kind.model_fields) for name, kind in sections().items()}


def test_every_key_has_its_reason_beside_it() -> None:
    silent = [
        f"{section}.{key}"
        for section, kind in sections().items()
        for key, field in kind.model_fields.items()
        if not field.description
    ]
    assert silent == []


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {
        "TRAINWATCH_KAFKA__TOPICS": "a, b,a",
        "TRAINWATCH_HTTP__LISTEN": "[::1]:0",
        "TRAINWATCH_PROVIDER__IS_US_PERSON": "false",
        "TRAINWATCH_SERVICE__BATCH_EVENTS": "100",
        "TRAINWATCH_SCREENING__FILES": "lists/csl.json",
        "TRAINWATCH_HOME": "/elsewhere",
    }
    settings = load_settings(write(tmp_path, SMALLEST + '[http]\nlisten = "x:1"\n'), environ)
    assert settings.kafka.topics == ("a", "b")
    assert (settings.http.host, settings.http.port, settings.http.is_loopback) == ("::1", 0, True)
    assert settings.provider.is_us_person is False
    assert settings.service.batch_events == 100
    assert settings.screening.files == (tmp_path / "lists/csl.json",)


def test_an_unknown_key_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    assert refusal(tmp_path, SMALLEST + '[http]\nlissten = "x:1"\n') == (
        'DIR/trainwatch.toml [http]: unknown key "lissten"; did you mean "listen"? allowed: listen'
    )


def test_an_unknown_section_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    assert refusal(tmp_path, SMALLEST + "[web]\nport = 1\n") == (
        'DIR/trainwatch.toml: unknown section "web"; '
        "allowed: kafka, store, http, policy, screening, ownership, catalogue, classifier, "
        "provider, service"
    )


def test_an_unknown_environment_variable_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, SMALLEST, {"TRAINWATCH_STORE__PTAH": "x"}) == (
        "environment variable TRAINWATCH_STORE__PTAH [store]: "
        'unknown key "ptah"; did you mean "path"? allowed: path'
    )


def test_a_missing_key_names_both_places_where_it_can_be_given(tmp_path: Path) -> None:
    assert refusal(tmp_path, '[store]\npath = "x"\n[kafka]\n') == (
        "DIR/trainwatch.toml [kafka] bootstrap_servers: is required; "
        "add it to the file or set TRAINWATCH_KAFKA__BOOTSTRAP_SERVERS"
    )


def test_a_wrong_value_says_what_was_expected_and_what_came(tmp_path: Path) -> None:
    assert refusal(tmp_path, SMALLEST + '[service]\nknowledge = "both"\n') == (
        "DIR/trainwatch.toml [service] knowledge: expected 'wall' or 'events', got 'both'"
    )
    assert refusal(tmp_path, "[kafka]\nbootstrap_servers = 5\n") == (
        "DIR/trainwatch.toml [kafka] bootstrap_servers: "
        'expected a list of texts such as ["one", "two"], or one text, got \'5\''
    )
    assert refusal(tmp_path, SMALLEST, {"TRAINWATCH_HTTP__LISTEN": "9464"}) == (
        'environment variable TRAINWATCH_HTTP__LISTEN: expected "host:port" with a port '
        'from 0 to 65535, such as "127.0.0.1:9464"; got "9464"'
    )


def test_a_section_that_is_not_a_table_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, 'store = "x"\n') == (
        'DIR/trainwatch.toml: expected a table [store], got "store = ..."'
    )


def test_a_file_that_is_absent_or_not_toml_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read .No such file or directory.; give a"):
        load_settings(tmp_path / "none.toml", {})
    assert refusal(tmp_path, "[kafka\n").startswith("DIR/trainwatch.toml: is not TOML: ")
    assert "\n" not in refusal(tmp_path, "[kafka\n")
    assert "is not TOML: maximum recursion depth" in refusal(tmp_path, f"a = {'[' * 50_000}")


def test_a_secret_is_read_from_its_file_and_never_printed(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2\n", encoding="utf-8")
    keys = 'sasl_plain_password_file = "password"\nsecurity_protocol = "SASL_SSL"\n'
    settings = load_settings(write(tmp_path, SMALLEST.replace("[store]", keys + "[store]")), {})
    assert settings.kafka.client_options() == {
        "bootstrap_servers": ["broker:9092"],
        "client_id": "trainwatch",
        "security_protocol": "SASL_SSL",
        "ssl_check_hostname": True,
        "sasl_plain_password": "hunter2",
    }
    assert "hunter2" not in f"{settings!r} {settings.model_dump_json()}"


def test_a_secret_file_from_the_environment_replaces_the_secret_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("second", encoding="utf-8")
    path = write(tmp_path, SMALLEST.replace("[store]", 'ssl_password = "first"\n[store]'))
    settings = load_settings(path, {"TRAINWATCH_KAFKA__SSL_PASSWORD_FILE": str(tmp_path / "new")})
    assert settings.kafka.client_options()["ssl_password"] == "second"


def test_a_secret_given_twice_or_unreadable_is_refused(tmp_path: Path) -> None:
    twice = 'ssl_password = "a"\nssl_password_file = "b"\n[store]'
    assert refusal(tmp_path, SMALLEST.replace("[store]", twice)) == (
        "DIR/trainwatch.toml [kafka] ssl_password_file: "
        'stands beside "ssl_password"; keep one of the two'
    )
    absent = 'ssl_password_file = "b"\n[store]'
    assert refusal(tmp_path, SMALLEST.replace("[store]", absent)) == (
        "DIR/trainwatch.toml [kafka] ssl_password_file: "
        "DIR/b cannot be read (No such file or directory)"
    )


def test_a_secret_file_that_cannot_be_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"a" * 65537)
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    found = {
        name: refusal(
            tmp_path, SMALLEST.replace("[store]", f'ssl_password_file = "{name}"\n[store]')
        )
        for name in ("large", "binary")
    }
    where = "DIR/trainwatch.toml [kafka] ssl_password_file: DIR"
    assert found == {
        "large": f"{where}/large is over 65536 bytes; name the secret's file",
        "binary": f"{where}/binary is not UTF-8 text; store the secret as text",
    }


def test_a_path_that_is_empty_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, SMALLEST.replace("state.db", "")) == (
        "DIR/trainwatch.toml [store] path: expected a path, got ''"
    )


def test_a_wrong_secret_is_not_repeated_in_the_refusal(tmp_path: Path) -> None:
    text = SMALLEST.replace("[store]", "ssl_password = 123456\n[store]")
    assert "123456" not in refusal(tmp_path, text)


@pytest.mark.parametrize("server", ["kafka://alice:hunter2@b:9092", "alice:hunter2@b:9092"])
def test_a_password_in_the_address_of_a_broker_is_refused_and_not_repeated(
    tmp_path: Path, server: str
) -> None:
    said = refusal(tmp_path, SMALLEST.replace("broker:9092", server))
    assert said == (
        'DIR/trainwatch.toml [kafka] bootstrap_servers: expected "host:port", got one with a user '
        "or a protocol in it, not shown here; use security_protocol, sasl_plain_username and "
        "sasl_plain_password_file"
    )


def test_security_settings_reach_kafka_python_under_their_own_names(tmp_path: Path) -> None:
    keys = (
        'api_version = "2.0.0"\nssl_cafile = "ca.pem"\nsasl_mechanism = "OAUTHBEARER"\n'
        'sasl_oauth_token_provider = "collections:OrderedDict"\n[store]'
    )
    options = load_settings(write(tmp_path, SMALLEST.replace("[store]", keys)), {})
    assert options.kafka.client_options() == {
        "bootstrap_servers": ["broker:9092"],
        "client_id": "trainwatch",
        "api_version": (2, 0, 0),
        "security_protocol": "PLAINTEXT",
        "ssl_check_hostname": True,
        "ssl_cafile": str(tmp_path / "ca.pem"),
        "sasl_mechanism": "OAUTHBEARER",
        "sasl_oauth_token_provider": {},
    }
