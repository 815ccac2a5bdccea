import { element } from "./dom.js";

// Fills scheme, host, ports and key into the samples and gives each a button that copies it.
export function prepareSamples() {
  const { grpcPort, httpPort, needsToken, otlpScheme } = document.body.dataset;
  const token = needsToken === "yes";
  const values = {
    "{scheme}": otlpScheme,
    "{host}": location.hostname,
    "{grpc}": grpcPort,
    "{http}": httpPort,
    "{headers}": token ? '\nOTEL_EXPORTER_OTLP_HEADERS="authorization=Bearer%20$OTELGRES_KEY" \\' : "",
    "{curl_header}": token ? ' -H "Authorization: Bearer $OTELGRES_KEY"' : "",
  };
  for (const sample of document.querySelectorAll("pre[data-sample]")) {
    for (const [place, value] of Object.entries(values)) {
      sample.textContent = sample.textContent.replaceAll(place, value);
    }
    const frame = element("div", "sample");
    const copy = element("button", "", "Copy");
    copy.type = "button";
    copy.addEventListener("click", () => copyText(sample, copy));
    sample.replaceWith(frame);
    frame.append(sample, copy);
  }
}

async function copyText(sample, button) {
  try {
    await navigator.clipboard.writeText(sample.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(sample);
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 1500);
}
