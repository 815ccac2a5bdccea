"""Every scenario there is."""

from tests.faults import clocks, disks, network, outages, partitions, processes
from tests.faults.scenario import Place, Scenario

SCENARIOS = (
    Scenario("receivers killed", processes.receivers_killed, 40, 1),
    Scenario("PostgreSQL killed", outages.killed, 40, 0, Place.EMBEDDED),
    Scenario("PostgreSQL stopped", outages.stopped, 60, 2),
    Scenario("PostgreSQL hanging", outages.hanging, 30, 3),
    Scenario("connection cut in commit", outages.cut_in_commit, 30, 1.5),
    Scenario("receivers killed, PostgreSQL away", outages.receivers_killed_while_away, 30, None),
    Scenario("all killed, PostgreSQL away", outages.everything_killed_while_away, 10, None),
    Scenario("all killed", processes.all_killed, 30, None, Place.EMBEDDED),
    Scenario("spool disk full", disks.spool_full, 20, 1, Place.SMALL_SPOOL_DISK),
    Scenario("database disk full", disks.database_full, 30, 2, Place.SMALL_DISK),
    Scenario("disk guard", disks.disk_guarded, 15, None, Place.SMALL_DISK),
    Scenario("SIGTERM and restart", processes.server_terminated, 40, 0),
    Scenario("rolling restart", processes.rolling_restart, 30, 0),
    Scenario("clock jumped a day", clocks.jumped, 30, 0),
    Scenario("partitions cannot be made", partitions.in_the_way, 30, 1),
    Scenario("long reader", partitions.long_reader, 30, 2),
    Scenario("500 connect at once", network.crowd, 20, 0),
    Scenario("trickling senders", network.trickle, 40, 2),
    Scenario("answers lost", network.answers_lost, 30, 2),
    Scenario("senders killed", processes.senders_killed, 20, 0),
)


def named(part: str) -> list[Scenario]:
    """Scenarios whose names contain this."""
    return [scenario for scenario in SCENARIOS if part.lower() in scenario.name.lower()]
