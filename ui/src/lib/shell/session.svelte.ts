import { answered, api } from "#lib/api/client";
import { keepCsrfToken } from "#lib/api/csrf";
import type { Session as Answer } from "#lib/api/schema";
import { signInPath } from "#lib/api/sign_in_path";

const NAME_KEY = "otelgres.name";

/** Who looks at the pages. On an open server that is whoever they say they are, or nobody in particular. */
class Session {
  #answer = $state.raw<Answer | null>(null);
  #given = $state<string>(kept());
  /** Asked for, whether it was answered or not. */
  known = $state(false);

  /** What changes are recorded under; empty where nobody signed in and no name was given. */
  get name(): string {
    return this.#answer?.name ?? this.#given;
  }

  get role(): Answer["role"] {
    return this.#answer?.role ?? null;
  }

  get kind(): Answer["kind"] {
    return this.#answer?.kind ?? null;
  }

  /** How people come in here. */
  get people(): Answer["people"] {
    return this.#answer?.people ?? "open";
  }

  get canEdit(): boolean {
    return this.role === "editor" || this.role === "admin";
  }

  get isAdmin(): boolean {
    return this.role === "admin";
  }

  /** Asks the server who this is. */
  async load(): Promise<void> {
    try {
      this.take(await answered(api.GET("/api/access/session")));
    } catch {
      // The banner says that the server is away; it is asked again with what else is loaded.
    } finally {
      this.known = true;
    }
  }

  take(answer: Answer): void {
    this.#answer = answer;
    keepCsrfToken(answer.csrf);
  }

  async signOut(): Promise<void> {
    await answered(api.DELETE("/api/access/session"));
    location.assign(signInPath("/admin"));
  }

  /** The name that this browser gives from now on, on a server without accounts. */
  call(name: string): void {
    this.#given = name.trim();
    try {
      localStorage.setItem(NAME_KEY, this.#given);
    } catch {
      // Where storage is forbidden the name lasts as long as the page.
    }
  }
}

export const session = new Session();

function kept(): string {
  try {
    return localStorage.getItem(NAME_KEY) ?? "";
  } catch {
    return "";
  }
}
