import type { LogRow } from "./row";

/** A message of `/logs/stream`. */
export type StreamMessage =
  | { type: "new_log"; data: LogRow; token: string }
  | { type: "filter"; q: string; token: string }
  | { type: "skipped"; skipped: number; token: string }
  | { type: "restarted"; detail: string; token: string }
  | { type: "error"; detail: string };

export interface FeedEvents {
  onmessage: (message: StreamMessage) => void;
  /** It is cut off, for this reason where one is known, and will be tried again. */
  onlost: (reason: string) => void;
  /** It is refused and will not be tried again. */
  onrefused: (reason: string) => void;
}

const PATH = "/api/observability/logs/stream";
const POLICY = 1008;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const KINDS = ["new_log", "filter", "skipped", "restarted", "error"] as const;

/**
 * Logs as they come, by a WebSocket, or by server-sent events where something on the way lets no WebSocket through.
 * It connects again until it is closed, from the message on that came last, so that nothing is missed or doubled.
 */
export class Feed {
  #token = "";
  #pause = FIRST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #close: () => void = () => undefined;
  #closed = false;
  #byEvents = false;

  constructor(
    private readonly q: string,
    private readonly events: FeedEvents,
  ) {
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#close();
  }

  #connect(): void {
    const parameters = new URLSearchParams({ q: this.q, ...(this.#token && { token: this.#token }) });
    if (this.#byEvents) this.#listen(`${PATH}?${parameters}`);
    else this.#talk(`${location.origin.replace(/^http/, "ws")}${PATH}?${parameters}`);
  }

  #talk(url: string): void {
    const socket = new WebSocket(url);
    let opened = false;
    this.#close = () => socket.close();
    socket.onopen = () => (opened = true);
    socket.onmessage = ({ data }) => this.#told(String(data));
    socket.onclose = ({ code, reason }) => {
      if (this.#closed) return;
      if (code === POLICY) return this.events.onrefused(reason || "The search cannot be read");
      // Never opened: it may be that only plain HTTP gets through.
      this.#byEvents = !opened;
      this.#again(reason);
    };
  }

  #listen(url: string): void {
    const source = new EventSource(url);
    this.#close = () => source.close();
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        // 'error' is also how the browser tells that the connection is gone; then it carries no data.
        if ("data" in event) this.#told(String(event.data));
      });
    }
    source.onerror = (event) => {
      if ("data" in event || this.#closed) return;
      source.close();
      this.#byEvents = false;
      this.#again("");
    };
  }

  #told(text: string): void {
    if (this.#closed) return;
    const message = JSON.parse(text) as StreamMessage;
    this.#pause = FIRST_PAUSE_MS;
    if ("token" in message) this.#token = message.token;
    this.events.onmessage(message);
  }

  #again(reason: string): void {
    this.events.onlost(reason);
    this.#timer = setTimeout(() => this.#connect(), this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE_MS);
  }
}
