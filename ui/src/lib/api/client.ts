import createClient from "openapi-fetch";
import { connection } from "./connection.svelte";
import { csrfHeader } from "./csrf";
import { ApiError, errorOf } from "./errors";
import type { paths } from "./schema";
import { SIGN_IN, signInPath } from "./sign_in_path";

/** Requests of our own origin, typed by its OpenAPI description. Hand their answers to `answered`. */
export const api = createClient<paths>({ baseUrl: location.origin, fetch: watched });

/** The data of an answer; throws an ApiError for anything but success, and AbortError when superseded. */
export async function answered<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw errorOf(response.status, error);
  return data as T;
}

async function watched(request: Request): Promise<Response> {
  if (request.method !== "GET") csrfHeader(request.headers);
  try {
    const response = await fetch(request);
    if (response.status === 503) connection.suspect();
    if (response.status === 401 && location.pathname !== SIGN_IN) location.assign(signInPath(here()));
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    connection.suspect();
    throw new ApiError(0, "Otelgres does not answer");
  }
}

function here(): string {
  return location.pathname + location.search;
}
