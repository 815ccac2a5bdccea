/** Where telemetry goes, and what senders have to present. */
export interface Target {
  host: string;
  grpcPort: number;
  httpPort: number;
  takesKeys: boolean;
  secure: boolean;
}

/** One way to send the first trace. */
export interface Sample {
  language: string;
  about: string;
  /** Each is copied by itself. */
  steps: { title: string; text: string }[];
}

const INGEST_KEY = "$OTELGRES_KEY";

/** The ways, with the target's addresses filled in. */
export function samples(target: Target): Sample[] {
  return [python(target), node(target), java(target), dotnet(target), go(target), collector(target), curl(target)];
}

function python(target: Target): Sample {
  return {
    language: "Python",
    about: "Any program, without a change to its code.",
    steps: [
      {
        title: "Install",
        text: "pip install opentelemetry-distro opentelemetry-exporter-otlp\nopentelemetry-bootstrap -a install",
      },
      {
        title: "Run",
        text: command(
          target,
          "grpc",
          "OTEL_TRACES_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp",
          "opentelemetry-instrument python app.py",
        ),
      },
    ],
  };
}

function node(target: Target): Sample {
  return {
    language: "Node.js",
    about: "By environment alone.",
    steps: [
      { title: "Install", text: "npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node" },
      {
        title: "Run",
        text: command(
          target,
          "http/protobuf",
          "OTEL_TRACES_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp",
          'NODE_OPTIONS="--require @opentelemetry/auto-instrumentations-node/register"',
          "node app.js",
        ),
      },
    ],
  };
}

function java(target: Target): Sample {
  return {
    language: "Java",
    about: "With OpenTelemetry's agent, opentelemetry-javaagent.jar, beside the program.",
    steps: [
      { title: "Run", text: command(target, "grpc", "java -javaagent:opentelemetry-javaagent.jar -jar app.jar") },
    ],
  };
}

function dotnet(target: Target): Sample {
  return {
    language: ".NET",
    about: "The exporter reads the same variables.",
    steps: [
      {
        title: "Install",
        text: [
          "dotnet add package OpenTelemetry.Extensions.Hosting",
          "dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol",
          "dotnet add package OpenTelemetry.Instrumentation.AspNetCore",
        ].join("\n"),
      },
      {
        title: "Program.cs",
        text: [
          "builder.Services.AddOpenTelemetry()",
          "    .WithTracing(tracing => tracing.AddAspNetCoreInstrumentation())",
          "    .UseOtlpExporter();",
        ].join("\n"),
      },
      { title: "Run", text: command(target, "grpc", "dotnet run") },
    ],
  };
}

function go(target: Target): Sample {
  return {
    language: "Go",
    about: "The exporter is set up in code, where it takes its target from the environment.",
    steps: [
      {
        title: "Install",
        text: "go get go.opentelemetry.io/otel/sdk go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc",
      },
      {
        title: "main.go",
        text: [
          "exporter, err := otlptracegrpc.New(ctx)",
          "if err != nil { log.Fatal(err) }",
          "provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))",
          "defer provider.Shutdown(ctx)",
          "otel.SetTracerProvider(provider)",
        ].join("\n"),
      },
      { title: "Run", text: command(target, "grpc", "go run .") },
    ],
  };
}

function collector(target: Target): Sample {
  const { host, grpcPort, takesKeys, secure } = target;
  const lines = ["exporters:", "  otlp:", `    endpoint: ${host}:${grpcPort}`];
  if (!secure) lines.push("    tls:", "      insecure: true");
  if (takesKeys) lines.push("    headers:", "      authorization: Bearer ${env:OTELGRES_KEY}");
  return {
    language: "Collector",
    about: "An exporter, to be named in the pipelines of traces, logs and metrics.",
    steps: [{ title: "config.yaml", text: lines.join("\n") }],
  };
}

function curl(target: Target): Sample {
  const header = target.takesKeys ? ` -H "Authorization: Bearer ${INGEST_KEY}"` : "";
  const text = `curl ${address(target, target.httpPort)}/v1/traces -H 'Content-Type: application/json'${header} -d '{
  "resourceSpans": [{
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "curl"}}]},
    "scopeSpans": [{"spans": [{
      "traceId": "'$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')'",
      "spanId": "'$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')'",
      "name": "hello", "kind": 2,
      "startTimeUnixNano": "'$(date +%s)'000000000", "endTimeUnixNano": "'$(date +%s)'042000000"
    }]}]
  }]}'`;
  return { language: "curl", about: "One trace, to see that it works.", steps: [{ title: "Send", text }] };
}

/** A command behind the variables that every SDK reads. */
function command(target: Target, protocol: "grpc" | "http/protobuf", ...rest: string[]): string {
  const port = protocol === "grpc" ? target.grpcPort : target.httpPort;
  const variables = [
    "OTEL_SERVICE_NAME=my-app",
    `OTEL_EXPORTER_OTLP_ENDPOINT=${address(target, port)}`,
    `OTEL_EXPORTER_OTLP_PROTOCOL=${protocol}`,
  ];
  if (target.takesKeys) variables.push(`OTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20${INGEST_KEY}"`);
  return [...variables, ...rest].join(" \\\n");
}

function address({ host, secure }: Target, port: number): string {
  return `${secure ? "https" : "http"}://${host}:${port}`;
}
