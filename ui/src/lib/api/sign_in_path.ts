export const SIGN_IN = "/admin/sign-in";

/** The page to sign in at, from which one comes back to a path of ours. */
export function signInPath(back: string): string {
  return `${SIGN_IN}?next=${encodeURIComponent(back)}`;
}

/** Where to go on after signing in: a path of ours, never another site's. */
export function ownPath(next: string | null, origin: string): string {
  if (!next?.startsWith("/") || !URL.canParse(next, origin)) return "/admin";
  const url = new URL(next, origin);
  return url.origin === origin && url.pathname !== SIGN_IN ? url.pathname + url.search + url.hash : "/admin";
}
