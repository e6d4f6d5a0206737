"""Days of seeded edits and deletes, each day's books beside what the history says of them."""
