"""Several disguises over each other, as a careful customer would wear them."""

from __future__ import annotations

from typing import Final

import numpy as np

from streams.simulation.evasion.knobs import Knobs, sheets
from streams.simulation.evasion.looks import inference_camouflage, quiet_fabric
from streams.simulation.evasion.pace import low_precision
from streams.simulation.evasion.plan import Training
from streams.simulation.evasion.splitting import account_splitting

#: The inner ones first: what each piece looks like, then how it is cut.
LAYERS: Final = (low_precision, inference_camouflage, quiet_fabric, account_splitting)


def layered(
    training: Training, rng: np.random.Generator, strength: float, knobs: Knobs
) -> Training:
    """Wear each layer at its own share of the strength."""
    hidden = training
    for layer in LAYERS:
        own = sheets()[layer.__name__].knobs
        hidden = layer(hidden, rng, strength * knobs[layer.__name__], own)
    return hidden
