"""One trace from the provider to the row: each message in its own, the insert linked to all of them."""

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from services.analytics.tests.bus import TRACEPARENT, bus, envelope, publish
from services.analytics.tests.running import Running, answered, settled

from shared.contracts.calls import CallUpdated


@pytest.fixture
def spans() -> InMemorySpanExporter:
    exporter = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    assert isinstance(provider, TracerProvider)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return exporter


async def test_a_message_is_a_span_of_its_trace_and_the_insert_is_linked_to_it(
    fresh_service: Running, spans: InMemorySpanExporter, bus_url: str
) -> None:
    async with bus(bus_url) as jetstream:
        await publish(jetstream, [envelope(CallUpdated(call=answered(number))) for number in range(3)])
        await settled(jetstream)
    _, trace_id, parent_id, _ = TRACEPARENT.split("-")
    found = spans.get_finished_spans()
    processed = [each for each in found if each.name == f"process {CallUpdated.type}"]
    assert len(processed) == 3
    assert {f"{each.context.trace_id:032x}" for each in processed if each.context} == {trace_id}
    assert {f"{each.parent.span_id:016x}" for each in processed if each.parent} == {parent_id}
    inserts = [each for each in found if each.name == "insert call"]
    assert {f"{link.context.trace_id:032x}" for each in inserts for link in each.links} == {trace_id}
    (row,) = await fresh_service.clickhouse.query("SELECT groupUniqArray(trace_id) AS traces FROM call FINAL")
    assert row["traces"] == [trace_id]
