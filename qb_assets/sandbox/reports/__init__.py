"""The sandbox's reports, made from the ledger of a generated company.

The ledger was there before the documents, and nothing here is shared with the pipeline: what the
pipeline derives from documents, and what it loads from these reports, can be held against each
other. The JSON is QuickBooks', with its quirks.
"""

from .service import Answer, Reports

__all__ = ["Answer", "Reports"]
