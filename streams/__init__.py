"""How it gets in and out: Kafka, files, store, HTTP, clock, command line. The only shell."""

import os

# The allocator of polars reads this once, when polars is imported. By default it leaves pages that
# are not used with the process until the system asks for them, and they count as resident.
os.environ.setdefault("_RJEM_MALLOC_CONF", "muzzy_decay_ms:0")
