import type { SpanEvent } from "./events";

/** One message of a conversation with a model. */
export interface Message {
  role: string;
  text: string;
}

export interface Conversation {
  prompt: Message[];
  answer: Message[];
  /** Model and figures, as a person reads them. */
  facts: [string, string][];
}

type Tags = Record<string, unknown>;

const PROMPTS = [
  "gen_ai.input.messages",
  "gen_ai.prompt",
  "llm.input_messages",
  "input.value",
  "ai.prompt.messages",
  "ai.prompt",
];
const ANSWERS = [
  "gen_ai.output.messages",
  "gen_ai.completion",
  "llm.output_messages",
  "output.value",
  "ai.response.text",
];
const FACTS: [string, string[]][] = [
  ["Model", ["gen_ai.response.model", "gen_ai.request.model", "llm.model_name", "ai.model.id"]],
  ["Provider", ["gen_ai.provider.name", "gen_ai.system", "llm.provider", "ai.model.provider"]],
  ["Operation", ["gen_ai.operation.name", "llm.request.type", "openinference.span.kind"]],
  ["Input tokens", ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"]],
  ["Output tokens", ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"]],
  ["Temperature", ["gen_ai.request.temperature"]],
  ["Finished", ["gen_ai.response.finish_reasons"]],
];
const INDEXED = /^(gen_ai\.(?:prompt|completion)|llm\.(?:input|output)_messages)\.(\d+)\.(?:message\.)?(role|content)$/;
const SYSTEM = "gen_ai.system_instructions";

/** What a span says of its talk with a model, under whichever names; null where it says nothing. */
export function conversationOf(tags: unknown, events: readonly SpanEvent[]): Conversation | null {
  if (typeof tags !== "object" || tags === null) return null;
  const given = tags as Tags;
  const [asked, answered] = indexed(given);
  const said = events.filter(({ name }) => /^gen_ai\.(?:system|user|assistant|tool)\.message$/.test(name));
  const prompt = [
    ...messages(given[SYSTEM], "system"),
    ...first(given, PROMPTS, "user"),
    ...asked,
    ...said.map(ofEvent),
  ];
  const answer = [...first(given, ANSWERS, "assistant"), ...answered];
  const facts = FACTS.flatMap(([label, names]): [string, string][] => {
    const value = names.map((name) => given[name]).find((one) => one !== undefined && one !== null);
    return value === undefined ? [] : [[label, typeof value === "string" ? value : JSON.stringify(value)]];
  });
  return prompt.length + answer.length + facts.length > 0 ? { prompt, answer, facts } : null;
}

function first(tags: Tags, names: readonly string[], role: string): Message[] {
  const name = names.find((one) => tags[one] !== undefined);
  return name === undefined ? [] : messages(tags[name], role);
}

function indexed(tags: Tags): [Message[], Message[]] {
  const sides: Record<string, Message[]> = {};
  for (const [key, value] of Object.entries(tags)) {
    const match = INDEXED.exec(key);
    if (!match) continue;
    const [, side = "", number = "0", part] = match;
    const list = (sides[side] ??= []);
    const message = (list[Number(number)] ??= { role: "", text: "" });
    if (part === "role") message.role = String(value);
    else message.text = textOf(value);
  }
  const of = (...names: string[]) => names.flatMap((name) => Object.values(sides[name] ?? []));
  return [of("gen_ai.prompt", "llm.input_messages"), of("gen_ai.completion", "llm.output_messages")];
}

function messages(value: unknown, role: string): Message[] {
  const parsed = parse(value);
  if (parsed === undefined || parsed === null) return [];
  const list = Array.isArray(parsed) ? parsed : [parsed];
  return list.map((item) => {
    const message = typeof item === "object" && item !== null ? (item as Tags) : {};
    return { role: typeof message.role === "string" ? message.role : role, text: textOf(item) };
  });
}

function ofEvent({ name, attributes }: SpanEvent): Message {
  return { role: name.split(".")[1] ?? "", text: textOf(attributes.content ?? attributes) };
}

function parse(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** The words of a message, in whichever shape; what has none is shown as JSON. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value === "object" && value !== null) {
    const { content, text, parts, message } = value as Tags;
    const inner = content ?? text ?? parts ?? message;
    if (inner !== undefined && inner !== null) return textOf(inner);
  }
  return JSON.stringify(value, null, 2);
}
