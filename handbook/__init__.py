"""Builds docs/ into the site of the documentation, with what is read off the code; nothing of the server needs it."""
