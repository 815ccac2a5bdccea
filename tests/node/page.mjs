// A page's telemetry, sent to the receiver and with the token that its address names.
import { SeverityNumber, context, trace } from '@opentelemetry/api';
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const asked = new URLSearchParams(location.search);
const resource = defaultResource().merge(resourceFromAttributes({ 'service.name': asked.get('service') }));
const options = (signal) => ({
  url: `${asked.get('receiver')}/v1/${signal}`,
  headers: { authorization: `Bearer ${asked.get('token')}` },
  timeoutMillis: 2_000,
});
// Nothing is sent before somebody asks for it, or the page is hidden.
const scheduledDelayMillis = 600_000;
const spans = new TracerProvider({
  resource,
  spanProcessors: [
    new BatchSpanProcessor({ exporter: new OTLPTraceExporter(options('traces')), scheduledDelayMillis }),
  ],
});
const records = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(options('logs')), scheduledDelayMillis })],
});

globalThis.record = () => {
  const span = spans.getTracer('page').startSpan('click', { attributes: { 'page.path': location.pathname } });
  records.getLogger('page').emit({
    severityNumber: SeverityNumber.INFO,
    body: 'clicked',
    context: trace.setSpan(context.active(), span),
  });
  span.end();
};
globalThis.flush = async () => {
  const results = await Promise.allSettled([spans.forceFlush(), records.forceFlush()]);
  const failures = results.filter(({ status }) => status === 'rejected').flatMap(({ reason }) => reason);
  if (failures.length) throw new Error(failures.join('; '));
};
