"""The normalized layer: typed parent and child tables, every version that raw holds."""
