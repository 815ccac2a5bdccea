"""What a request holds of the receiver's memory, and for how long."""

import asyncio

from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Decoder, Outcome
from opentelemetry.exporter.postgres.writer import Writer

from receiver.arrivals import Arrival
from receiver.intake import Intake, Limits
from receiver.sender_warnings import SenderWarnings
from tests import payloads


async def test_a_request_counts_until_the_writer_lets_go_of_it_though_its_sender_has_gone(database: str) -> None:
    decoder = Decoder()
    writer = Writer(database, decoder, patience=None)
    intake = Intake(writer, decoder, Limits(1 << 20), SenderWarnings(dict.fromkeys(Signal, 30)))
    body = payloads.spans(3).SerializeToString()

    sent = asyncio.create_task(intake.export(Arrival("grpc"), Signal.TRACES, body))
    for _ in range(10):
        await asyncio.sleep(0)
    assert writer.queued_requests == 1
    sent.cancel()
    await asyncio.wait([sent])
    assert intake.admission.held_bytes == len(body)

    await writer.start()
    assert await intake.export(Arrival("grpc"), Signal.LOGS, payloads.records(1).SerializeToString()) == Outcome()
    assert intake.admission.held_bytes == 0
    await writer.close()
