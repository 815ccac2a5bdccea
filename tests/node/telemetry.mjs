// Records what an application may record, at times from argv[2] on (in seconds): test_node_sdk.py knows every value.
import { SeverityNumber, SpanKind, SpanStatusCode, ValueType, context, logs, metrics, trace } from '@opentelemetry/api';
import { AggregationType } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';

const at = (nanos) => [Number(process.argv[2]), nanos];
const attributes = {
  text: 'größe 🛒',
  truth: true,
  whole: 42,
  greatest: Number.MAX_SAFE_INTEGER,
  negative: -7,
  fraction: 0.25,
  texts: ['a', 'b'],
  numbers: [1, 2.5],
  bytes: new Uint8Array([0, 255]),
  map: { inner: { deep: 1 } },
  empty: '',
};
// An integer for JavaScript, and none for 64 bits; and numbers that JSON does not have.
const odd = { huge: 1e300, undefinable: NaN, endless: Infinity };

const sdk = new NodeSDK({
  views: [
    {
      instrumentName: 'wait',
      aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [1, 10] } },
    },
    {
      instrumentName: 'size',
      aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM, options: { maxSize: 20 } },
    },
  ],
});
sdk.start();

// trace.getTracer() forgets the schema.
const schemaUrl = 'https://opentelemetry.io/schemas/1.30.0';
const tracer = trace.getTracerProvider().getTracer('shop', '1.2.3', { schemaUrl });
const link = { traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), traceFlags: 1 };
const order = tracer.startSpan('POST /orders', {
  kind: SpanKind.SERVER,
  startTime: at(123_456_789),
  attributes,
  links: [{ context: link, attributes: { why: 'a retry' } }],
});
const active = trace.setSpan(context.active(), order);
const charge = tracer.startSpan('charge', { kind: SpanKind.CLIENT, startTime: at(200_000_000), attributes: odd }, active);
charge.addEvent('cache miss', { key: 'card-1' }, at(210_000_001));
charge.recordException(new TypeError('no card'), at(220_000_000));
charge.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
charge.end(at(250_000_000));
order.end(at(623_456_789));

const logger = logs.getLogger('shop.log', '2.0.0');
logger.emit({
  timestamp: at(300_000_007),
  observedTimestamp: at(300_001_000),
  severityNumber: SeverityNumber.WARN2,
  severityText: 'careful',
  body: 'stock is low',
  attributes,
  context: active,
});
logger.emit({ timestamp: at(310_000_000), eventName: 'shop.sold', body: { items: [1, 'two', null], total: 9.5 } });

const meter = metrics.getMeter('shop.metrics');
const orders = meter.createCounter('orders', { unit: '1', description: 'Orders taken', valueType: ValueType.INT });
orders.add(2, { card: 'visa', retried: false });
orders.add(Number.MAX_SAFE_INTEGER, { card: 'other' });
meter.createUpDownCounter('carts').add(-3);
const [wait, size] = [meter.createHistogram('wait', { unit: 's' }), meter.createHistogram('size', { unit: 'By' })];
for (const value of [0.5, 5, 50]) {
  wait.record(value);
  size.record(value);
}
size.record(0);
meter.createGauge('heat', { unit: 'Cel' }).record(20.5);
meter.createObservableGauge('memory').addCallback((result) => {
  result.observe(42, { state: 'used' });
  result.observe(0.5, { state: 'free' });
});
meter.createObservableCounter('faults').addCallback((result) => result.observe(7));
meter.createObservableUpDownCounter('threads').addCallback((result) => result.observe(4));

await sdk.shutdown();
