"""What others send as OTLP: Zipkin's spans and the streams of Loki's push."""
