const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 15000];

/** Whether API and database answer; asked only once something failed, and then until both are back. */
class Connection {
  state = $state<"up" | "api away" | "database away">("up");
  reasons = $state<string[]>([]);
  /** When it will be asked again; milliseconds of Date.now(). */
  nextProbe = $state<number | null>(null);
  /** How often both came back: whoever shows data loads it anew when this grows. */
  recoveries = $state(0);
  #probing = $state(false);
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Something failed, and whether it was the connection is not known or known to be so. */
  get isDoubtful(): boolean {
    return this.#probing;
  }

  /** To be called when a request got no answer, or 503. */
  suspect(): void {
    if (!this.#probing) void this.probe();
  }

  /** Asks now. */
  async probe(): Promise<void> {
    clearTimeout(this.#timer);
    this.#probing = true;
    this.nextProbe = null;
    try {
      const answer = await fetch("/readyz", { signal: AbortSignal.timeout(5000), cache: "no-store" });
      if (answer.ok) return this.#recovered();
      const body: { reasons?: string[] } = await answer.json().catch(() => ({}));
      this.#away("database away", body.reasons ?? []);
    } catch {
      this.#away("api away", []);
    }
  }

  #recovered(): void {
    this.#probing = false;
    this.#failures = 0;
    if (this.state !== "up") this.recoveries += 1;
    this.state = "up";
    this.reasons = [];
  }

  #away(state: "api away" | "database away", reasons: string[]): void {
    this.state = state;
    this.reasons = reasons;
    const pause = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)] ?? 15000;
    this.#failures += 1;
    this.nextProbe = Date.now() + pause;
    this.#timer = setTimeout(() => void this.probe(), pause);
  }
}

export const connection = new Connection();
