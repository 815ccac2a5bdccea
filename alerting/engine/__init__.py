"""Evaluates each rule at its interval, on one leader, and watches that this happens."""
