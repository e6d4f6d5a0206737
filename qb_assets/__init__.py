"""QuickBooks Online into a lake and a warehouse."""

import os

# Frames come in parts of some thousand rows, on which two threads were measured to take a quarter
# more processor time and 50 MB more than one. Polars reads it when it is imported, and never again.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
