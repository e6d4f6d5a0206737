"""Days that go by in minutes, with edited books and the code of Dagster's own daemon."""
