"""What many messages have in common: their templates, by the text alone."""
