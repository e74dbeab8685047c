"""Files that ship inside the packages, and what the operator points at, as meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from threadpoolctl import threadpool_limits

from detector.classifier.classify import Classifier, load
from detector.classifier.manifest import ManifestError, library_versions, read_manifest
from detector.errors import DetectorError
from detector.explain.page import TEMPLATES as EXPLAIN_TEMPLATES
from detector.findings.listed import listed_finder
from detector.meaning import Meaning
from detector.parties.listed_owners import nobody_listed
from detector.policy.catalogue import Sheets
from detector.policy.model import Pack
from detector.policy.parse import parse_pack, policy_of
from detector.policy.physics import parse_physics
from detector.policy.tables import parse_country_groups
from detector.policy.utilisation import parse_utilisation
from detector.report.document import Provenance
from detector.report.render import TEMPLATES
from detector.rules import parse_limits
from detector.rules.linking import parse_link_figures
from detector.who.account_figures import parse_account_figures
from features.compute import Catalogue
from streams.lists import ListFileError, Lists
from streams.reference import (
    CatalogueFileError,
    catalogue_sheets,
    read_additions,
    reference_texts,
)
from streams.settings import DEFAULT_POLICY_IDS
from streams.version import code_version

#: The two files of a classifier.
MANIFEST: Final = "manifest.json"
ARTEFACT: Final = "classifier.skops"


class PolicyChoiceError(Exception):
    """A policy was asked for that is not there. One line: what, where, what to do."""


def shipped_policies() -> dict[str, str]:
    """Give the text of every shipped pack by its id."""
    folder = files("detector.policy") / "packs"
    return {
        each.name.removesuffix(".toml"): each.read_text(encoding="utf-8")
        for each in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if each.name.endswith(".toml")
    }


def packs(chosen: Sequence[str], directory: Path | None = None) -> list[tuple[str, Pack, str]]:
    """Read packs by id, or by the path of a TOML file: (name, pack, text), in the order asked for.

    Raises:
        PolicyChoiceError: An id is neither shipped nor in ``directory``, or a file is unreadable.
        PolicyError: A pack is not written as the format asks.
    """
    known = known_policies(directory)
    read = []
    for name in chosen:
        if name.endswith(".toml"):
            text = _text(Path(name))
        elif name in known:
            text = known[name]
        else:
            raise PolicyChoiceError(
                f"policy {name}: expected one of {', '.join(sorted(known))} or the path of a "
                ".toml file; choose one of these"
            )
        read.append((name, parse_pack(text, name), text))
    return read


def default_policies() -> tuple[str, ...]:
    """Give the default packs as far as they ship."""
    shipped = shipped_policies()
    return tuple(name for name in DEFAULT_POLICY_IDS if name in shipped)


def known_policies(directory: Path | None = None) -> dict[str, str]:
    """Give the text of every pack that can be named: shipped, or the operator's own folder."""
    return shipped_policies() if directory is None else _own_policies(directory)


def _own_policies(directory: Path) -> dict[str, str]:
    found = {path.stem: _text(path) for path in sorted(directory.glob("*.toml"))}
    if not found:
        raise PolicyChoiceError(
            f"{directory}: expected a folder with .toml packs, found none; see docs/policy-packs.md"
        )
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyChoiceError(
            f"{path}: expected a readable policy pack ({error}); check the path"
        ) from error


def read_classifier() -> Classifier | None:
    """Load the shipped classifier, None where none ships.

    Raises:
        ManifestError: It is there and differs from its manifest or from this program.
    """
    folder = files("detector.classifier") / "artefact"
    if not any((folder / name).is_file() for name in (MANIFEST, ARTEFACT)):
        return None
    return _classifier_in(folder, "restore both files or run `make train`")


def read_challenger(folder: Path | None) -> Classifier | None:
    """Load a second classifier from a folder of the operator's; None where none is asked for.

    Raises:
        ManifestError: It is not there, or differs from its manifest or from this program.
    """
    return None if folder is None else _classifier_in(folder, "check [classifier] challenger")


def _classifier_in(folder: Traversable, remedy: str) -> Classifier:
    for name in (MANIFEST, ARTEFACT):
        if not (folder / name).is_file():
            raise ManifestError(
                f"{folder}: expected {MANIFEST} and {ARTEFACT} of a classifier, found no {name}; "
                f"{remedy}"
            )
    facts = read_manifest((folder / MANIFEST).read_bytes(), MANIFEST)
    loaded = load(facts, (folder / ARTEFACT).read_bytes(), library_versions())
    # Its trees are small: threads over one would only wait for each other. Said here and for good,
    # because a limit reaches only the libraries that are loaded by then.
    threadpool_limits(limits=1, user_api="openmp")
    return loaded


def templates() -> dict[str, str]:
    """Give the report templates by name."""
    folder = files("detector.report") / "templates"
    return {name: (folder / name).read_text(encoding="utf-8") for name in TEMPLATES}


def explain_templates() -> dict[str, str]:
    """Give the templates of an explanation by name."""
    folder = files("detector.explain") / "templates"
    return {name: (folder / name).read_text(encoding="utf-8") for name in EXPLAIN_TEMPLATES}


def _catalogue(text: Mapping[str, str], sheets: Sheets) -> Catalogue:
    return Catalogue(
        sheets.accelerators(),
        sheets.instances(),
        parse_utilisation(text["utilisation.toml"]).prior(),
        parse_physics(text["physics.toml"]).physics(),
        sheets.slices(),
        sheets.pods(),
        sheets.link_rates(),
    )


def build_meaning(
    chosen: Sequence[str],
    directory: Path | None = None,
    lists: Lists | None = None,
    classifier: Classifier | None = None,
    catalogue_files: Sequence[Path] = (),
) -> Meaning:
    """Put together everything that judging looks up.

    ``catalogue_files`` are the operator's own rows of the catalogue, over the shipped ones.
    """
    read = packs(tuple(dict.fromkeys(chosen)), directory)
    text = reference_texts()
    additions = read_additions(catalogue_files)
    sheets = catalogue_sheets(text, additions)
    limits = (files("detector.rules") / "limits.toml").read_text(encoding="utf-8")
    weak = (files("detector.rules") / "links.toml").read_text(encoding="utf-8")
    alike = (files("detector.who") / "accounts.toml").read_text(encoding="utf-8")
    screener = lists.screener if lists is not None else None
    policy_digest = sha256("".join(body for _, _, body in read).encode()).hexdigest()
    return Meaning(
        catalogue=_catalogue(text, sheets),
        policy=policy_of([(name, pack) for name, pack, _ in read]),
        countries=parse_country_groups(text["country_groups.toml"]),
        limits=parse_limits(limits),
        links=parse_link_figures(weak),
        accounts=parse_account_figures(alike),
        classifier=classifier,
        screener=screener,
        gleif=lists.gleif if lists is not None else None,
        find_listed=listed_finder(screener) if screener is not None else nobody_listed,
        provenance=Provenance(
            code=f"trainwatch {code_version()}",
            policy=f"sha256:{policy_digest}",
            lists=lists.labels if lists is not None else (),
            classifier=f"sha256:{classifier.manifest.artefact_sha256}" if classifier else None,
            catalogues=tuple(
                f"{name} sha256:{sha256(body.encode()).hexdigest()}"
                for name, body in [*sorted(text.items()), *_by_name(additions)]
            ),
        ),
    )


def _by_name(additions: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """A report names files, not places on the operator's machine."""
    return [(Path(name).name, body) for name, body in additions]


CHOICE_ERRORS: Final = (
    PolicyChoiceError,
    CatalogueFileError,
    DetectorError,
    ListFileError,
    ManifestError,
)
