"""The one transaction of an evaluation or of a person's act: states, instances, history, and whom to tell.

Whoever changes states or instances of a rule MUST hold its row locked, so that two never decide on the same ground.
"""
