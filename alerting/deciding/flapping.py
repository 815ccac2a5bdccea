"""Flapping: an alert that begins and ceases to fire again and again."""

LOOKED_AT = 20
TURNS_OF_FLAPPING = 5
CALM = 10


def with_turn(turns: str, turned: bool) -> str:
    """The turns of the last LOOKED_AT evaluations, this one included. A turn is to begin or to cease to fire."""
    return (turns + "01"[turned])[-LOOKED_AT:]


def is_flapping(turns: str, was_flapping: bool) -> bool:
    """From the third beginning in LOOKED_AT evaluations on, until CALM evaluations in a row were without a turn."""
    if was_flapping:
        return "1" in turns[-CALM:]
    return turns.count("1") >= TURNS_OF_FLAPPING
