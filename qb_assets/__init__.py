"""QuickBooks Online into a lake and a warehouse."""
