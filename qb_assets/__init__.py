"""QuickBooks Online into a lake and a warehouse."""

import os

# Frames come in parts of some thousand rows, on which two threads were measured to take a quarter
# more processor time and 50 MB more than one. Polars reads it when it is imported, and never again.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

# What polars has freed it keeps for ten seconds, in which other libraries of a step need as much
# again: 25 MB of the most that a load of 100,000 invoices was measured to hold. It reads this when
# it is imported, too; see https://jemalloc.net/jemalloc.3.html#opt.dirty_decay_ms
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
