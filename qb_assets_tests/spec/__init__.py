"""What Dagster is told of, as a page of text that a reviewer sees change."""
