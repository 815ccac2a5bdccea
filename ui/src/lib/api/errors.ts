/** One thing that the API found wrong with a request. */
export interface Mistake {
  field: string;
  message: string;
  /** Where in the text it stands, 0-based, if the API says so. */
  position?: number;
  expected?: string[];
}

/** What the API answered instead of data; status 0 when nothing answered at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly mistakes: Mistake[];

  constructor(status: number, detail: string, mistakes: Mistake[] = []) {
    super(detail);
    this.status = status;
    this.mistakes = mistakes;
  }

  get detail(): string {
    return this.message;
  }

  /** Whether the server or its database was away, which the banner tells for the whole page. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 503;
  }

  /** What is wrong with one field of the request. */
  mistakeOf(field: string): Mistake | undefined {
    return this.mistakes.find((mistake) => mistake.field === field);
  }
}

interface Listed {
  loc?: unknown[];
  msg?: string;
  ctx?: { position?: number; expected?: string[] };
}

/** The error that an answer's body stands for; the body may be anything. */
export function errorOf(status: number, body: unknown): ApiError {
  const detail = typeof body === "object" && body !== null ? (body as { detail?: unknown }).detail : undefined;
  if (Array.isArray(detail)) {
    const mistakes = detail.map(mistakeIn);
    return new ApiError(status, mistakes.map(sentence).join("; "), mistakes);
  }
  return new ApiError(status, typeof detail === "string" ? detail : `Otelgres answered ${status}`);
}

function mistakeIn({ loc, msg, ctx }: Listed): Mistake {
  const field = (loc ?? []).slice(1).join(".");
  return { field, message: msg ?? "is not understood", position: ctx?.position, expected: ctx?.expected };
}

function sentence({ field, message }: Mistake): string {
  return field && field !== "q" ? `${field}: ${message}` : message;
}
