"""The lake: Parquet objects on S3 or on a local disk, and where each of them lies."""
