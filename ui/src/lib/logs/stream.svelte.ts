import { Feed, type StreamMessage } from "./feed";
import { MOST_STREAMED, newestFirst, together, type LogRow } from "./row";

const SHOWN_EVERY_MS = 200;

/**
 * The logs that come while one looks. What comes is shown at short intervals; while `held` it waits, and is counted.
 * At most MOST_STREAMED rows are kept, shown or waiting.
 */
export class LogStream {
  /** paused: connected, and all that comes waits. */
  state = $state<"off" | "on" | "paused">("off");
  connection = $state<"connecting" | "live" | "lost">("connecting");
  /** Why it is lost or refused, where that is known. */
  reason = $state("");
  rows = $state.raw<LogRow[]>([]);
  /** How many came since something holds them back. */
  buffered = $state(0);
  /** How many the server left out, since this browser did not take them in time. */
  skipped = $state(0);
  /** What came while the connection was away cannot be told any more. */
  restarted = $state(false);
  /** rows hold what was there before, too. */
  isSeeded = $state(false);
  #away = $state(false);
  #came: LogRow[] = [];
  #waiting: LogRow[] = [];
  #feed: Feed | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #awaited = false;
  /** Asks for the list anew: from now on all logs are told, so what `seed` is given next misses nothing. */
  #onready: () => void;

  constructor(onready: () => void) {
    this.#onready = onready;
  }

  get held(): boolean {
    return this.state === "paused" || this.#away;
  }

  /** Begins anew, with this search. */
  start(q: string): void {
    this.stop();
    this.state = "on";
    this.connection = "connecting";
    this.#timer = setInterval(() => this.#show(), SHOWN_EVERY_MS);
    this.#feed = new Feed(q, {
      onmessage: (message) => this.#told(message),
      onlost: (reason) => ([this.connection, this.reason] = ["lost", reason]),
      onrefused: (reason) => {
        this.stop();
        this.reason = reason;
      },
    });
  }

  stop(): void {
    this.#feed?.close();
    clearInterval(this.#timer);
    this.#feed = undefined;
    this.#came = this.#waiting = [];
    this.rows = [];
    this.buffered = this.skipped = 0;
    this.restarted = this.isSeeded = this.#awaited = false;
    this.reason = "";
    this.state = "off";
  }

  pause(): void {
    if (this.state !== "on") return;
    this.#show();
    this.state = "paused";
  }

  resume(): void {
    if (this.state !== "paused") return;
    this.state = "on";
    this.#release();
  }

  /** Whether one reads further down, where rows that come in above would move what is read. */
  away(away: boolean): void {
    if (away === this.#away) return;
    this.#away = away;
    if (this.state === "on") this.#release();
  }

  /** What the list holds now; taken once after each time that the list was asked for. */
  seed(rows: readonly LogRow[]): void {
    if (!this.#awaited) return;
    this.#awaited = false;
    this.isSeeded = true;
    this.rows = newestFirst(together(this.rows, rows).reverse()).slice(0, MOST_STREAMED);
  }

  #told(message: StreamMessage): void {
    switch (message.type) {
      case "new_log":
        this.#came.push(message.data);
        break;
      case "filter":
        this.connection = "live";
        this.reason = "";
        if (!this.isSeeded || this.restarted) this.#ask();
        break;
      case "skipped":
        this.skipped += message.skipped;
        break;
      case "restarted":
        this.restarted = true;
        break;
      case "error":
        this.reason = message.detail;
    }
  }

  #ask(): void {
    this.#awaited = true;
    this.#onready();
  }

  #show(): void {
    if (this.#came.length === 0) return;
    const came = newestFirst(this.#came);
    this.#came = [];
    if (this.held) {
      this.buffered += came.length;
      this.#waiting = together(came, this.#waiting, MOST_STREAMED);
    } else {
      this.rows = together(came, this.rows, MOST_STREAMED);
    }
  }

  #release(): void {
    if (this.held) return;
    this.rows = together(this.#waiting, this.rows, MOST_STREAMED);
    this.#waiting = [];
    this.buffered = 0;
  }
}
