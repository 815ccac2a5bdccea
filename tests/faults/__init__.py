"""The fault matrix: real load, real faults, and a count of what was acknowledged against what is stored.

`python -m tests.faults` runs every scenario, `python -m tests.faults.soak` an hour of them at random.
"""
