import type { RetentionRule } from "#lib/api/schema";

/** What a rule is about: 'DEBUG logs of checkout'. */
export function subjectOf({ signal, level, service }: Pick<RetentionRule, "signal" | "level" | "service">): string {
  const what = level ? `${level} ${signal}` : signal;
  return service === null || service === undefined ? what : `${what} of ${service}`;
}
