// A call between two services as Zipkin's own tracer records it, and a span of OpenTelemetry's exporter to Zipkin, sent
// to argv[2]: test_node_push.py knows what is in the rows. argv[3]: a name that begins those of the services.
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import zipkin from 'zipkin';
import { HttpLogger } from 'zipkin-transport-http';

const [, , url, name] = process.argv;
const { Annotation, BatchRecorder, ExplicitContext, InetAddress, Instrumentation, Tracer, option } = zipkin;

const logger = new HttpLogger({ endpoint: url, jsonEncoder: zipkin.jsonEncoder.JSON_V2, httpInterval: 3_600_000 });
const ctxImpl = new ExplicitContext();
const tracerOf = (localServiceName) =>
  new Tracer({ ctxImpl, localServiceName, recorder: new BatchRecorder({ logger }), traceId128Bit: true });

const shop = tracerOf(`${name}-shop`);
const cards = tracerOf(`${name}-cards`);
const request = (ids) => (header) => {
  const found = ids[header] ?? ids[header.toLowerCase()];
  return found === undefined ? option.None : new option.Some(found);
};

shop.local('order', () => {
  shop.recordBinary('order', 'größe 🛒');
  const client = new Instrumentation.HttpClient({ tracer: shop, remoteServiceName: `${name}-cards` });
  ctxImpl.scoped(() => {
    const sent = client.recordRequest({ headers: {} }, 'http://cards.example.com/charge?card=1', 'POST');
    const server = new Instrumentation.HttpServer({ tracer: cards, port: 8443, host: '10.0.0.2' });
    ctxImpl.scoped(() => {
      const id = server.recordRequest('POST', 'http://cards.example.com/charge?card=1', request(sent.headers));
      cards.recordAnnotation(new Annotation.ClientAddr({ host: new InetAddress('10.0.0.1'), port: 40_001 }));
      cards.recordAnnotation(new Annotation.Message('cache miss'));
      server.recordResponse(id, '500', new Error('declined'));
    });
    client.recordResponse(shop.id, '500');
  });
});
const zipkinDone = new Promise((resolve, reject) => {
  logger.on('success', resolve);
  logger.on('error', reject);
});
logger.processQueue(fetch);
await zipkinDone;

const exporter = new ZipkinExporter({ url });
const provider = new TracerProvider({
  resource: resourceFromAttributes({ 'service.name': `${name}-stock`, 'service.version': '7' }),
  spanProcessors: [new SimpleSpanProcessor({ exporter })],
});
const span = provider.getTracer('stock.orders', '1.2').startSpan('reserve', {
  kind: SpanKind.CONSUMER,
  attributes: { 'order.id': 7, 'peer.service': 'queue' },
});
span.addEvent('cache miss', { key: 'card-1' });
span.setStatus({ code: SpanStatusCode.ERROR, message: 'sold out' });
span.end();
await provider.shutdown();
