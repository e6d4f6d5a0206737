"""The files of attachments, on request: fetched once, kept by their content, with limits."""
