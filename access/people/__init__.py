"""Accounts of people, and the sessions in which they are signed in."""
