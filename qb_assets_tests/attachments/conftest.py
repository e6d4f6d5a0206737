"""The S3 server for the files of attachments."""

from qb_assets_tests.servers import seaweed

__all__ = ["seaweed"]
