"""What runs the assets: jobs, schedules, and the storage of Dagster's own events."""
