"""Traces, metrics and logs, set up once in `main` and touched only at the edges.

Spans go to OTLP where an endpoint is set, else to a file of JSON lines; metrics are scraped from ``/metrics``;
logs are JSON on standard error and carry the trace id. Telephone numbers are masked in all three.
"""

import logging
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from opentelemetry import context as otel_context
from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from shared.settings import ServiceSettings

# The stable names of HTTP metrics, until the instrumentation makes them its default.
os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
_PROPAGATOR = TraceContextTextMapPropagator()
# E.164 and its relatives: a plus or %2B, then 8 to 15 digits with the usual separators.
_NUMBER = re.compile(r"(\+|%2[Bb])(\d[\d \-().]{4,}\d)(\d{2})(?!\d)")
# A batch is linked to all the traces its messages belong to.
MOST_LINKS = 1_000
_tracer = trace.get_tracer("trunkline")
meter = metrics.get_meter("trunkline")


def setup(service: str, settings: ServiceSettings) -> TracerProvider:
    """Switch tracing, metrics and JSON logs on for this process. Shut the provider down at the end."""
    resource = Resource.create({"service.name": service})
    provider = TracerProvider(resource=resource, span_limits=SpanLimits(max_links=MOST_LINKS))
    exporter = _exporter(settings)
    if exporter:
        provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    # That all of it is ours need not stand in each of thousands of lines.
    reader = PrometheusMetricReader(scope_info_enabled=False)
    metrics.set_meter_provider(MeterProvider(resource=resource, metric_readers=[reader]))
    _log_as_json(service, settings.log_level)
    return provider


def traceparent() -> str | None:
    """The current span as a W3C header, to be stored beside work that goes on later."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return None
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    links: Sequence[str] = (),
    kind: SpanKind = SpanKind.INTERNAL,
    attributes: Mapping[str, Any] | None = None,
) -> Iterator[Span]:
    """A span under ``parent`` (a traceparent; the current span if None), linked to others by their traceparents.

    By hand: the library's own way is three context managers deep, and this is done for every request and message.
    """
    opened = _tracer.start_span(
        name, context=_context(parent), links=_links(links), kind=kind, attributes=dict(attributes or {})
    )
    token = otel_context.attach(trace.set_span_in_context(opened))
    try:
        yield opened
    except Exception as error:
        opened.record_exception(error)
        opened.set_status(Status(StatusCode.ERROR, f"{type(error).__name__}: {error}"))
        raise
    finally:
        otel_context.detach(token)
        opened.end()


def begin(name: str, *, parent: str | None, kind: SpanKind, attributes: Mapping[str, Any]) -> Span:
    """A span that others do not run in, of one message among many handled together; whoever began it ends it."""
    return _tracer.start_span(name, context=_context(parent), kind=kind, attributes=dict(attributes))


@contextmanager
def continue_from(parent: str | None) -> Iterator[None]:
    """Go on in the trace of a stored traceparent without a span of one's own."""
    token = otel_context.attach(_PROPAGATOR.extract({"traceparent": parent} if parent else {}))
    try:
        yield
    finally:
        otel_context.detach(token)


def masked(text: str) -> str:
    """The text with telephone numbers reduced to their prefix and last two digits."""
    return _NUMBER.sub(lambda found: f"{found[1]}{found[2][:2]}•••{found[3]}", text)


@lru_cache(maxsize=1_024)
def _context(parent: str | None) -> Context | None:
    return _PROPAGATOR.extract({"traceparent": parent}) if parent else None


def _links(traceparents: Sequence[str]) -> list[Link]:
    contexts = [trace.get_current_span(_PROPAGATOR.extract({"traceparent": each})) for each in traceparents]
    return [Link(span.get_span_context()) for span in contexts if span.get_span_context().is_valid]


def _exporter(settings: ServiceSettings) -> SpanExporter | None:
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return _Masking(OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces"))
    return JsonLines(settings.spans_file) if settings.spans_file else None


class JsonLines(SpanExporter):
    """Appends one JSON object a span to a file: for a machine without a collector, and for tests."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = b"".join(orjson.dumps(_described(each)) + b"\n" for each in spans)
        with self._path.open("ab") as file:
            file.write(lines)
        return SpanExportResult.SUCCESS


class _Masking(SpanExporter):
    """Hands spans on with telephone numbers masked."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self._exporter.export([_masked_span(each) for each in spans])

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _masked_span(each: ReadableSpan) -> ReadableSpan:
    return ReadableSpan(
        name=masked(each.name),
        context=each.context,
        parent=each.parent,
        resource=each.resource,
        attributes=_masked_attributes(each.attributes),
        events=(),
        links=each.links,
        kind=each.kind,
        status=each.status,
        start_time=each.start_time,
        end_time=each.end_time,
        instrumentation_scope=each.instrumentation_scope,
    )


def _masked_attributes(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: masked(value) if isinstance(value, str) else value for key, value in (attributes or {}).items()}


def _described(each: ReadableSpan) -> dict[str, Any]:
    context = each.context
    return {
        "service": each.resource.attributes["service.name"],
        "name": masked(each.name),
        "kind": each.kind.name,
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_id": f"{each.parent.span_id:016x}" if each.parent else None,
        "links": [f"{link.context.trace_id:032x}" for link in each.links],
        "start": each.start_time,
        "end": each.end_time,
        "status": each.status.status_code.name,
        "attributes": _masked_attributes(each.attributes),
    }


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the trace it belongs to."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        context = trace.get_current_span().get_span_context()
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "service": self._service,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if context.is_valid:
            line["trace_id"] = f"{context.trace_id:032x}"
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        return orjson.dumps(line, default=str).decode()


def _log_as_json(service: str, level: str) -> None:
    output = logging.StreamHandler(sys.stderr)
    output.setFormatter(JsonFormatter(service))
    logging.basicConfig(level=level, handlers=[output], force=True)
    for chatty in ("httpx", "httpcore", "uvicorn.access", "alembic", "faststream"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
