"""A trace as a tree: who called whom, how long each took by itself, and what the whole waited for."""
