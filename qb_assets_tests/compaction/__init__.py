"""Compactions that are killed while others fetch into the lake, normalize and read it."""
