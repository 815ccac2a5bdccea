"""The names the data is made of: benchmarks.ingest's services and operations, and the words of its messages."""

from benchmarks.ingest.catalogue import OPERATIONS, SERVICE_NAMES, SERVICES, operations_of

RARE_WORD = "zirconium"
RARE_LOGS = 100
ORDERS = 1_000_000

# Operation r, from 1 to 500, belongs to service (r - 1) modulo 50.
OPERATION_NAMES = tuple(
    operations_of((rank - 1) % SERVICES)[(rank - 1) // SERVICES][0] for rank in range(1, OPERATIONS + 1)
)

_WORDS = """\
accepted account added address allowed answered applied archived assigned attached batch began blocked bucket buffer
built cached cancelled changed charged checked cleared client closed collected committed compared completed
connected connection copied counted created customer deferred deleted delivered denied dropped emptied enabled
encoded entered evicted exceeded expired exported failed fetched filled finished flushed folded found granted
handled header hidden ignored imported indexed invoice joined keeping kept latency leaving limited linked listed
loaded locked logged marked matched merged missing moved opened ordered packed parsed partition passed paused
payment pending pinned planned polled printed pruned queued raised reached received refused released reloaded
renewed repeated replaced reported requested resent resolved restored retried returned routed sampled saved scanned
sealed sent session shared shipped signed skipped sorted split started stopped stored
"""
WORDS = tuple(_WORDS.split())

__all__ = ["OPERATION_NAMES", "ORDERS", "RARE_LOGS", "RARE_WORD", "SERVICE_NAMES", "WORDS"]
