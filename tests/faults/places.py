"""Stages made for the places that scenarios ask for."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from tests.faults.disks import SMALL_DISK, SMALL_SPOOL_DISK, mounted
from tests.faults.scenario import Place
from tests.faults.stage import Stage, running
from tests.reachable import reachable_directory


@contextmanager
def at(place: Place) -> Iterator[Stage]:
    """A running stage. Where mounting is not allowed its disks are the machine's own."""
    with ExitStack() as stack:
        directory = stack.enter_context(reachable_directory()) / "stage"
        own = place in (Place.OWN, Place.SMALL_SPOOL_DISK)
        if place is Place.SMALL_DISK:
            stack.enter_context(mounted(directory, SMALL_DISK))
        small = place in (Place.SMALL_DISK, Place.SMALL_SPOOL_DISK)
        # A small disk would be below the guard's default bound from the start.
        stage = Stage(directory, own=own, **({"OTELGRES_MIN_FREE_BYTES": "0"} if small else {}))
        if place is Place.SMALL_SPOOL_DISK:
            stack.enter_context(mounted(stage.spool_directory, SMALL_SPOOL_DISK))
        yield stack.enter_context(running(stage))
