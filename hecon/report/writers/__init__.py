"""A document as a file: Markdown, a page, text for a terminal; and results as JSON."""
