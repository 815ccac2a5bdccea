// Log lines of winston's transport to Loki, by JSON and by protobuf with snappy, sent to argv[2]: test_node_push.py knows
// what is in the rows. argv[3]: a name that begins those of the services.
import winston from 'winston';
import LokiTransport from 'winston-loki';

const [, , host, name] = process.argv;
for (const json of [true, false]) {
  const transport = new LokiTransport({
    host,
    json,
    labels: { app: `${name}-${json ? 'json' : 'protobuf'}`, namespace: 'prod' },
    batching: true,
    interval: 3_600,
    gracefulShutdown: false,
    format: winston.format.simple(),
    onConnectionError: (error) => {
      throw error;
    },
  });
  const logger = winston.createLogger({ level: 'debug', transports: [transport] });
  logger.warn('stock is low: größe 🛒', { order: 7 });
  logger.debug('second');
  await new Promise((resolve) => setImmediate(resolve));
  await transport.close();
}
