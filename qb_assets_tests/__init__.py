"""Tests of qb_assets; the folders mirror the package."""
