import { keepCsrfToken } from "#lib/api/csrf";

const NAME_KEY = "otelgres.name";

type Role = "viewer" | "editor" | "admin";
type Kind = "open" | "person" | "key" | "token" | "proxy";

interface Answer {
  name: string | null;
  role: Role;
  kind: Kind;
  csrf?: string | null;
}

/** Who looks at the pages. On an open server that is whoever they say they are, or nobody in particular. */
class Session {
  #answer = $state.raw<Answer>({ name: null, role: "admin", kind: "open" });
  #given = $state<string>(kept());

  /** What changes are recorded under; empty where nobody signed in and no name was given. */
  get name(): string {
    return this.#answer.name ?? this.#given;
  }

  get role(): Role {
    return this.#answer.role;
  }

  get kind(): Kind {
    return this.#answer.kind;
  }

  get canEdit(): boolean {
    return this.role !== "viewer";
  }

  get isAdmin(): boolean {
    return this.role === "admin";
  }

  /** Asks the server who this is. A server without accounts has nobody to name. */
  async load(): Promise<void> {
    const answer = await fetch("/api/access/session").catch(() => null);
    const told: unknown = await answer?.json().catch(() => null);
    if (!answer?.ok) return;
    this.#answer = told as Answer;
    keepCsrfToken(this.#answer.csrf ?? null);
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
