"""A storm of notifications on the real server, which is killed in the midst of it."""
