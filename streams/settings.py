"""What an operator may set: one section a class, each key with its reason, nothing else accepted.

``docs/operations.md`` and ``deploy/trainwatch.toml`` list the same keys; tests hold them together.
Reading the file and the environment is in ``streams/configuration.py``.
"""

from __future__ import annotations

import ipaddress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

#: The packs that apply where the operator names none (CONTRACT.md, command line).
DEFAULT_POLICY_IDS = (
    "us-iaas-nprm-2024",
    "us-ear-hq-d5-macau",
    "us-bis-affiliates-50",
    "us-bis-red-flags",
)


def _beside_configuration(path: Path, info: ValidationInfo) -> Path:
    """Take a relative path from the folder of the configuration file, not from the shell's."""
    if path == Path() or "\0" in str(path):
        raise ValueError("expected a path")
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


def _split(value: object) -> object:
    """Read ``a, b`` as two names, as the environment has to write them."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


ConfiguredPath = Annotated[Path, AfterValidator(_beside_configuration)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Section(BaseModel):
    """A frozen table of the configuration; an unknown key is an error, secrets never print."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class KafkaSettings(Section):
    """``[kafka]``: where events come from and documents go; security keys are kafka-python's."""

    bootstrap_servers: Names = Field(
        min_length=1, description="host:port of one or more brokers; the rest are found from them"
    )
    group_id: str = Field(
        "trainwatch", min_length=1, description="instances with one group share the partitions"
    )
    topics: Names = Field(
        ("trainwatch.events",), min_length=1, description="topics read; each must exist"
    )
    reports_topic: str = Field("trainwatch.reports", description="report versions, in order")
    findings_topic: str = Field("trainwatch.findings", description="what rules found")
    dead_letters_topic: str = Field(
        "trainwatch.dead-letters", description="refused events with their reason and raw bytes"
    )
    client_id: str = Field(
        "trainwatch", description="the name that the broker's logs and quotas see"
    )
    api_version: str | None = Field(
        None,
        pattern=r"^\d+(\.\d+){1,2}$",
        description="pin the protocol for a broker that cannot say",
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="SASL_SSL wherever the broker is not on this machine"
    )
    ssl_check_hostname: bool = Field(True, description="off only for a certificate without names")
    ssl_cafile: ConfiguredPath | None = Field(None, description="who may sign the broker's name")
    ssl_certfile: ConfiguredPath | None = Field(None, description="our certificate, for mutual TLS")
    ssl_keyfile: ConfiguredPath | None = Field(None, description="the key of ssl_certfile")
    ssl_crlfile: ConfiguredPath | None = Field(None, description="certificates no longer trusted")
    ssl_password: SecretStr | None = Field(None, description="opens ssl_keyfile")
    ssl_ciphers: str | None = Field(
        None, description="OpenSSL cipher list, where policy asks for one"
    )
    sasl_mechanism: str | None = Field(
        None, description="PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI, OAUTHBEARER, AWS_MSK_IAM"
    )
    sasl_plain_username: str | None = Field(None, description="user for PLAIN and SCRAM")
    sasl_plain_password: SecretStr | None = Field(None, description="password for PLAIN and SCRAM")
    sasl_kerberos_name: str | None = Field(None, description="the broker's principal, for GSSAPI")
    sasl_kerberos_service_name: str | None = Field(None, description="service part, for GSSAPI")
    sasl_kerberos_domain_name: str | None = Field(None, description="host part, for GSSAPI")
    sasl_oauth_token_provider: str | None = Field(
        None,
        pattern=r"^[\w.]+:\w+$",
        description="module:class of your token provider, for OAUTHBEARER; built without arguments",
    )

    @field_validator("bootstrap_servers")
    @classmethod
    def _no_login_in_them(cls, servers: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what a name is no part of: it is shown in messages, and may hold a password."""
        if any("@" in server or "/" in server for server in servers):
            raise ValueError(
                'expected "host:port", got one with a user or a protocol in it, not shown here; '
                "use security_protocol, sasl_plain_username and sasl_plain_password_file"
            )
        return servers

    @field_validator("topics")
    @classmethod
    def _each_topic_once(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(topics))

    def client_options(self) -> dict[str, object]:
        """Give the keyword arguments that every kafka-python client of ours is built with.

        Secrets are in the clear here and nowhere else: pass the result on, never log it.
        """
        ours = {"group_id", "topics", "reports_topic", "findings_topic", "dead_letters_topic"}
        chosen = self.model_dump(exclude=ours, exclude_none=True)
        options = {name: _as_client_value(value) for name, value in chosen.items()}
        if self.api_version is not None:
            options["api_version"] = tuple(int(part) for part in self.api_version.split("."))
        if self.sasl_oauth_token_provider is not None:
            module, _, name = self.sasl_oauth_token_provider.partition(":")
            options["sasl_oauth_token_provider"] = getattr(import_module(module), name)()
        return options


def _as_client_value(value: object) -> object:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


class StoreSettings(Section):
    """``[store]``: the one durable thing. Lose it and every topic must be read again."""

    path: ConfiguredPath = Field(description="state, offsets and outbox; a local disk, not NFS")


class HttpSettings(Section):
    """``[http]``: metrics, health and the console. Nothing here authenticates a reader."""

    listen: str = Field(
        "127.0.0.1:9464", description="loopback unless a proxy in front decides who may read"
    )

    @field_validator("listen")
    @classmethod
    def _is_host_and_port(cls, listen: str) -> str:
        host, _, port = listen.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
            raise ValueError(
                'expected "host:port" with a port from 0 to 65535, such as "127.0.0.1:9464"; '
                f'got "{listen}"'
            )
        return listen

    @property
    def host(self) -> str:
        """The address to bind, IPv6 without its brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port to bind; 0 lets the system choose."""
        return int(self.listen.rpartition(":")[2])

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class PolicySettings(Section):
    """``[policy]``: which instruments apply to this provider."""

    ids: Names = Field(
        DEFAULT_POLICY_IDS, min_length=1, description="packs in force here; counsel decides"
    )
    directory: ConfiguredPath | None = Field(
        None, description="your packs, same shape as the shipped ones, which stay out of use"
    )


class ScreeningSettings(Section):
    """``[screening]``: list snapshots. None is a choice and is shown as such."""

    files: Annotated[tuple[ConfiguredPath, ...], BeforeValidator(_split)] = Field(
        (), description="Consolidated Screening List or FollowTheMoney files, refreshed by you"
    )
    judgements: Annotated[tuple[ConfiguredPath, ...], BeforeValidator(_split)] = Field(
        (), description="what analysts said of hits, one JSON object a line; docs/screening.md"
    )


class OwnershipSettings(Section):
    """``[ownership]``: what is held beside statements of owners. It decides nothing."""

    gleif: Annotated[tuple[ConfiguredPath, ...], BeforeValidator(_split)] = Field(
        (), description="relationship files of GLEIF (RR-CDF, CSV); see docs/ownership.md"
    )


class CatalogueSettings(Section):
    """``[catalogue]``: hardware of yours that the shipped catalogue does not know."""

    files: Annotated[tuple[ConfiguredPath, ...], BeforeValidator(_split)] = Field(
        (), description="your own rows, over the shipped ones; see `trainwatch catalogue check`"
    )


class ClassifierSettings(Section):
    """``[classifier]``: what says whether work trains an AI model."""

    challenger: ConfiguredPath | None = Field(
        None, description="a folder with a second artefact, scored beside the first; metrics only"
    )


class ProviderSettings(Section):
    """``[provider]``: who runs this detector."""

    is_us_person: bool = Field(
        True, description="false: what binds United States providers is house policy here"
    )


class ServiceSettings(Section):
    """``[service]``: the loop. The defaults suit two cores and a local disk."""

    batch_events: int = Field(
        50_000, ge=1, le=1_000_000, description="events folded at once; bounds memory"
    )
    poll_timeout_seconds: float = Field(
        0.5, gt=0, le=10, description="longest wait for a message; bounds how fast a stop is seen"
    )
    knowledge: Literal["wall", "events"] = Field(
        "wall", description="events dates knowledge by event time, to re-run the past; wall is law"
    )
    skip_gaps: bool = Field(
        False,
        description="true for one start: go on although events were deleted unread; docs/kafka.md",
    )
    stall_seconds: float = Field(
        60.0,
        gt=0,
        le=3600,
        description="a loop silent for longer is not alive; above one assessment",
    )
    stop_seconds: float = Field(
        8.0,
        gt=0,
        le=60,
        description="a stop that takes longer is cut short, losing nothing; below your kill grace",
    )


class Settings(Section):
    """The whole configuration, complete and checked."""

    kafka: KafkaSettings
    store: StoreSettings
    http: HttpSettings = HttpSettings()
    policy: PolicySettings = PolicySettings()
    screening: ScreeningSettings = ScreeningSettings()
    ownership: OwnershipSettings = OwnershipSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    classifier: ClassifierSettings = ClassifierSettings()
    provider: ProviderSettings = ProviderSettings()
    service: ServiceSettings = ServiceSettings()
