import { expect, it } from "vitest";
import { samples } from "./samples";

const TARGET = { host: "otel.example", grpcPort: 14317, httpPort: 14318, takesKeys: false, secure: false };
const texts = (target: typeof TARGET) =>
  Object.fromEntries(
    samples(target).map((sample) => [sample.language, sample.steps.map((step) => step.text).join("\n")]),
  );

it("names the ports in use", () => {
  expect(texts(TARGET).Python).toContain("OTEL_EXPORTER_OTLP_ENDPOINT=http://otel.example:14317 \\");
  expect(texts(TARGET)["Node.js"]).toContain("OTEL_EXPORTER_OTLP_ENDPOINT=http://otel.example:14318 \\");
  expect(texts(TARGET).Collector).toContain("endpoint: otel.example:14317\n    tls:\n      insecure: true");
});

it("names a key only where one is needed", () => {
  expect(Object.values(texts(TARGET)).join()).not.toContain("OTELGRES_KEY");
  const keyed = texts({ ...TARGET, takesKeys: true, secure: true });
  for (const [language, text] of Object.entries(keyed)) expect(text, language).toContain("OTELGRES_KEY");
  expect(keyed.curl).toContain("curl https://otel.example:14318/v1/traces");
  expect(keyed.Collector).not.toContain("insecure");
});
