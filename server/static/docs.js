import { element } from "./dom.js";

const place = document.getElementById("operations");

function resolve(schema, description) {
  if (!schema?.$ref) return schema ?? {};
  return schema.$ref.slice(2).split("/").reduce((at, name) => at[name], description);
}

// An example of a schema, from the examples of its fields.
function example(schema, description) {
  const known = resolve(schema, description);
  if (known.examples?.length) return known.examples[0];
  if (known.type === "array") return [example(known.items, description)];
  if (known.properties) {
    return Object.fromEntries(Object.entries(known.properties).map(([name, of]) => [name, example(of, description)]));
  }
  if (known.format === "uuid") return "0190163d-8694-739b-aea5-966c26f8ad91";
  return known.default ?? (known.anyOf ? null : known.type ?? null);
}

function bounds(schema) {
  const parts = [schema.type ?? schema.anyOf?.map((one) => one.type).filter((type) => type !== "null").join(" or ")];
  if (schema.format) parts.push(schema.format);
  if (schema.minimum !== undefined && schema.maximum < 1e6) parts.push(`${schema.minimum} to ${schema.maximum}`);
  else if (schema.minimum !== undefined) parts.push(`at least ${schema.minimum}`);
  return parts.filter(Boolean).join(", ");
}

function field(parameter) {
  const label = element("label");
  const input = element("input");
  input.name = parameter.name;
  input.placeholder = parameter.schema.default ?? "";
  input.spellcheck = false;
  input.dataset.in = parameter.in;
  const text = [bounds(parameter.schema), parameter.description].filter(Boolean).join(". ");
  label.append(element("span", "", parameter.name), input, element("small", "", text));
  return label;
}

function address(path, form) {
  const query = new URLSearchParams();
  let filled = path;
  for (const input of form.querySelectorAll("input")) {
    if (input.dataset.in === "path") filled = filled.replace(`{${input.name}}`, encodeURIComponent(input.value));
    else if (input.value) query.set(input.name, input.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

function operation(method, path, details, description) {
  const section = element("section", "operation");
  const title = element("h2");
  title.append(element("b", "", method.toUpperCase()), path);
  section.append(title, element("p", "", details.description ?? details.summary));
  const form = element("form");
  const fields = element("div", "fields");
  fields.append(...(details.parameters ?? []).map(field));
  const send = element("button", "", "Send");
  const answer = element("pre");
  answer.hidden = true;
  form.append(fields, send);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const url = address(path, form);
    const response = await fetch(url, { method: method.toUpperCase() });
    const text = await response.text();
    answer.hidden = false;
    answer.textContent = `${response.status} ${url}\n\n${pretty(text)}`;
  });
  section.append(form, answer);
  for (const [code, of] of Object.entries(details.responses)) {
    const schema = of.content?.["application/json"]?.schema;
    if (!schema) continue;
    const shape = element("details");
    const sample = JSON.stringify(example(schema, description), null, 2);
    shape.append(element("summary", "", `${code} ${of.description}`), element("pre", "", sample));
    section.append(shape);
  }
  return section;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const description = await (await fetch("/api/openapi.json")).json();
for (const [path, methods] of Object.entries(description.paths)) {
  for (const [method, details] of Object.entries(methods)) {
    place.append(operation(method, path, details, description));
  }
}
