"""Load generators and measurements side by side."""
