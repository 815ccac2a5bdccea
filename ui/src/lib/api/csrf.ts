let token: string | null = null;

/** Keeps what the session told; changes carry it. */
export function keepCsrfToken(value: string | null): void {
  token = value;
}

/** Adds the token to the headers of a request that changes something. */
export function csrfHeader(headers: Headers): void {
  if (token !== null) headers.set("X-Otelgres-CSRF", token);
}
