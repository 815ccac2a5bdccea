"""Reads of metrics: which there are, their values over time, and exemplars that lead to traces."""
