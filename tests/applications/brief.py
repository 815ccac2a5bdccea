"""Records as many spans as it is told, each with a log record and two measurements, and ends at once.

With `wait` it says so and ends on SIGTERM; with `probe` the asyncpg in its process is instrumented.
"""

import logging
import signal
import sys
import time

from opentelemetry import metrics, trace

from tests.applications import probe

count, *modes = sys.argv[1:]
if "probe" in modes:
    probe.install()
if "wait" in modes:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
tracer = trace.get_tracer("brief")
counter = metrics.get_meter("brief").create_counter("turns")
lengths = metrics.get_meter("brief").create_histogram("lengths")
logger = logging.getLogger("brief")
logger.setLevel(logging.INFO)
for number in range(int(count)):
    with tracer.start_as_current_span(f"turn {number}"):
        logger.info("turn %d", number)
        counter.add(1)
        lengths.record(number)
if "wait" in modes:
    print("recorded", flush=True)
    time.sleep(60)
