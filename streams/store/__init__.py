"""One embedded store on disk: state, names, offsets, records and outbox commit together."""

from streams.store.copying import copy_store
from streams.store.errors import StoreError
from streams.store.frames import BRANCHES, Frames, Segment
from streams.store.reader import Reader
from streams.store.scratch import Place, Scratch
from streams.store.shelf import NameLimits
from streams.store.store import Store
from streams.store.transaction import Transaction

__all__ = [
    "BRANCHES",
    "Frames",
    "NameLimits",
    "Place",
    "Reader",
    "Scratch",
    "Segment",
    "Store",
    "StoreError",
    "Transaction",
    "copy_store",
]
