"""How it gets in and out: Kafka, files, store, HTTP, clock, command line. The only shell."""

import os

# The allocator of polars reads this once, when polars is imported. By default it leaves pages that
# are not used with the process until the system asks for them, and they count as resident; those
# that were used last it gives back after half a second, and the next batch asks for them again.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:1000,muzzy_decay_ms:0")
