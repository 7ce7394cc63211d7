"""Exports log records and GenAI spans over OTLP/HTTP with the OpenTelemetry SDK, as an application would.

Exits with 0 when every export was answered with success.
"""

import argparse
import sys

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor


class Watched:
    """An exporter that remembers whether each of its exports succeeded."""

    def __init__(self, exporter):
        self.exporter = exporter
        self.failures = 0

    def export(self, batch):
        result = self.exporter.export(batch)
        self.failures += result.name != "SUCCESS"
        return result

    def __getattr__(self, name):
        return getattr(self.exporter, name)


def main() -> int:
    parser = argparse.ArgumentParser(prog="send-otlp", description=__doc__)
    parser.add_argument("--endpoint", required=True, help="base URL, such as http://127.0.0.1:4318")
    parser.add_argument("--count", type=int, default=10, help="log records, and spans")
    parser.add_argument("--gzip", action="store_true")
    options = parser.parse_args()
    compression = Compression.Gzip if options.gzip else Compression.NoCompression
    resource = Resource.create({"service.name": "shop"})

    logs = Watched(OTLPLogExporter(endpoint=f"{options.endpoint}/v1/logs", compression=compression))
    log_provider = LoggerProvider(resource=resource)
    log_provider.add_log_record_processor(SimpleLogRecordProcessor(logs))
    logger = log_provider.get_logger("audit")
    for number in range(options.count):
        logger.emit(
            LogRecord(
                timestamp=1_700_000_000_000_000_000 + number,
                severity_number=SeverityNumber.INFO,
                body=f"order {number} was refunded",
                event_name="order.refund",
                attributes={"enduser.id": "alice", "target.id": f"order-{number}", "event.outcome": "success"},
            )
        )
    log_provider.shutdown()

    spans = Watched(OTLPSpanExporter(endpoint=f"{options.endpoint}/v1/traces", compression=compression))
    span_provider = TracerProvider(resource=resource)
    span_provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = span_provider.get_tracer("genai")
    for number in range(options.count):
        with tracer.start_as_current_span("chat m-1") as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.provider.name", "example")
            span.set_attribute("gen_ai.request.model", "m-1")
            span.set_attribute("gen_ai.usage.input_tokens", number)
            span.set_attribute("enduser.id", "eve")
    span_provider.shutdown()
    return 1 if logs.failures or spans.failures else 0


if __name__ == "__main__":
    sys.exit(main())
