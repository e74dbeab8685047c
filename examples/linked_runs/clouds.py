"""Strangers and trainings cut over tenants, as signatures drawn from a seed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

import polars as pl

from features.signatures import COMMONS, SIGNATURES

Signature = dict[str, Any]

HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS
SPAN_MS: Final = 60 * DAY_MS
SIZES: Final = (8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0)
KINDS: Final = ("H100", "H200", "A100", "B200")
PUBLIC_IMAGES: Final = 40


def signature(
    name: str,
    starts: Sequence[int],
    stops: Sequence[int],
    **of: Any,  # noqa: ANN401 - any mark may be given
) -> Signature:
    """Give the signature of a workload of its own tenant that runs from start to stop each time."""
    given: Signature = {
        "workload": f"job/{name}/job",
        "tenant_ids": [name],
        "image_ids": [],
        "cluster_ids": [],
        "regions": [],
        "hardware": "H100",
        "devices_max": 256.0,
        "first_ms": starts[0],
        "last_ms": stops[-1],
        "grain_ms": 1,
        "starts_ms": list(starts),
        "stops_ms": list(stops),
        "pauses_ms": [],
        "step_period_s": None,
    }
    return given | of


def strangers(rng: Random, count: int) -> Iterator[Signature]:
    """Draw tenants with nothing in common but public images, sizes and a calendar."""
    for number in range(count):
        grain = rng.choice((1, 60_000, HOUR_MS))
        length = int(4 * HOUR_MS * 180 ** rng.random())
        first = rng.randrange(SPAN_MS - length)
        starts, stops = _rounds(rng, first, length)
        pauses = [at // HOUR_MS * HOUR_MS for at in stops[:-1]]
        keeps = rng.random() < 0.5
        if keeps:
            starts, stops = starts[:1], stops[-1:]
        yield signature(
            f"stranger-{number}",
            [at // grain * grain for at in starts],
            [at // grain * grain + grain for at in stops],
            image_ids=_image(rng, number),
            hardware=rng.choice(KINDS),
            devices_max=rng.choice(SIZES),
            grain_ms=grain,
            pauses_ms=pauses if keeps and rng.random() < 0.6 else [],
            step_period_s=_period(rng) if rng.random() < 0.4 else None,
        )


def _image(rng: Random, number: int) -> list[str]:
    draw = rng.random()
    if draw < 0.5:
        return [f"public-{int(PUBLIC_IMAGES * rng.random() ** 3)}"]
    return [f"own-{number}"] if draw < 0.9 else []


def _period(rng: Random) -> float:
    return float(0.3 * 200 ** rng.random())


def _rounds(rng: Random, first: int, length: int) -> tuple[list[int], list[int]]:
    """Cut a life at its restarts, one in five days at a mean, up to an hour long."""
    count = min(40, int(-math.log(1 - rng.random()) * length / (5 * DAY_MS)))
    cuts = sorted(first + rng.randrange(length) for _ in range(count))
    starts, stops = [first], []
    for at in cuts:
        if at - starts[-1] > 2 * HOUR_MS and first + length - at > 2 * HOUR_MS:
            stops.append(at)
            starts.append(at + rng.randrange(5 * 60_000, HOUR_MS))
    return starts, [*stops, first + length]


@dataclass(frozen=True)
class Cut:
    """How one training is cut over tenants, and what its pieces still share.

    ``apart_s``: most seconds between the pieces' first beginnings, and between their last stops;
    restarts fall within a minute, for the pieces of one training wait for each other.
    ``has_restarts``: whether nodes are let go at a restart; ``has_pauses``: whether the telemetry
    shows it where they are not.
    """

    title: str
    pieces: int = 4
    has_image: bool = True
    has_rhythm: bool = False
    apart_s: int = 60
    grain_ms: int = 1
    is_mixed: bool = False
    has_restarts: bool = True
    has_pauses: bool = False


CUTS: Final = (
    Cut("own image, together"),
    Cut("own image, together, metered by the hour", grain_ms=HOUR_MS),
    Cut("own image, begun within half an hour", apart_s=1800),
    Cut("own image, begun within six hours", apart_s=21_600),
    Cut("image rebuilt, together", has_image=False),
    Cut("image rebuilt, together, by the hour", has_image=False, grain_ms=HOUR_MS),
    Cut("image rebuilt, together, mixed hardware", has_image=False, is_mixed=True),
    Cut("image rebuilt, within six hours", has_image=False, apart_s=21_600),
    Cut("image rebuilt, together, nodes kept", has_image=False, has_restarts=False),
    Cut("own image, within six hours, nodes kept", apart_s=21_600, has_restarts=False),
    Cut(
        "own image, within six hours, nodes kept, same step",
        has_rhythm=True,
        apart_s=21_600,
        has_restarts=False,
    ),
    Cut(
        "own image, within six hours, nodes kept, telemetry",
        apart_s=21_600,
        has_restarts=False,
        has_pauses=True,
    ),
)


def cut_up(rng: Random, cut: Cut, name: str) -> list[Signature]:
    """Cut a training of some weeks, with its restarts, over tenants."""
    length = int((6 + 24 * rng.random()) * DAY_MS)
    starts, stops = _rounds(rng, rng.randrange(SPAN_MS - length), length)
    pauses = stops[:-1] if cut.has_pauses else []
    if not cut.has_restarts:
        starts, stops = starts[:1], stops[-1:]
    period = _period(rng)
    pieces = []
    for number in range(cut.pieces):
        begun = [starts[0] + rng.randrange(cut.apart_s * 1000), *_soon(rng, starts[1:])]
        ended = [*_soon(rng, stops[:-1]), stops[-1] + rng.randrange(cut.apart_s * 1000)]
        pieces.append(
            signature(
                f"{name}-{number}",
                [at // cut.grain_ms * cut.grain_ms for at in begun],
                [at // cut.grain_ms * cut.grain_ms + cut.grain_ms for at in ended],
                image_ids=[f"image-{name}" if cut.has_image else f"image-{name}-{number}"],
                hardware=rng.choice(KINDS) if cut.is_mixed else "H100",
                devices_max=rng.choice(SIZES) if cut.is_mixed else 256.0,
                grain_ms=cut.grain_ms,
                pauses_ms=[at // HOUR_MS * HOUR_MS for at in _soon(rng, pauses)],
                step_period_s=period * (1 + 0.004 * rng.random()) if cut.has_rhythm else None,
            )
        )
    return pieces


def _soon(rng: Random, instants: Sequence[int]) -> list[int]:
    return [at + rng.randrange(60_000) for at in instants]


def frame(signatures: Sequence[Signature]) -> pl.DataFrame:
    """Give SIGNATURES."""
    return pl.DataFrame(signatures, schema=SIGNATURES)


def counted(signatures: Sequence[Signature]) -> pl.DataFrame:
    """Count the images among these tenants: COMMONS."""
    users: dict[str, set[str]] = {}
    for each in signatures:
        for image in each["image_ids"]:
            users.setdefault(image, set()).update(each["tenant_ids"])
    naming = set().union(*users.values())
    rows = [(None, len(naming)), *((image, len(t)) for image, t in sorted(users.items()))]
    return pl.DataFrame(rows, schema=COMMONS, orient="row")
