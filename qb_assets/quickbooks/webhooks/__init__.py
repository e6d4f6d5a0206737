"""Intuit's webhooks: notifications are received, kept, and wait in an inbox for their runs."""
