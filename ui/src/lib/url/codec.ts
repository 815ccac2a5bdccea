/** How one parameter of a view stands in the address. A value equal to `fallback` is left out of it. */
export interface Parameter<T> {
  fallback: T;
  read(text: string): T | undefined;
  write(value: T): string;
}

/** The parameters of an address, which are read here and never changed in place. */
export type Given = Pick<URLSearchParams, "get" | "toString">;

export type Schema = Record<string, Parameter<unknown>>;
export type Values<S extends Schema> = { [K in keyof S]: S[K] extends Parameter<infer T> ? T : never };

export function text(fallback = ""): Parameter<string> {
  return { fallback, read: (value) => value, write: (value) => value };
}

/** A number, or null where none is given. */
export function number(fallback: number | null = null): Parameter<number | null> {
  return {
    fallback,
    read: (value) => (value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : undefined),
    write: String,
  };
}

export function flag(fallback = false): Parameter<boolean> {
  return { fallback, read: (value) => ({ "1": true, "0": false })[value], write: (value) => (value ? "1" : "0") };
}

export function oneOf<const T extends string>(choices: readonly T[], fallback: T): Parameter<T> {
  return { fallback, read: (value) => choices.find((choice) => choice === value), write: (value) => value };
}

/** Texts in their order. */
export function list(fallback: readonly string[] = []): Parameter<readonly string[]> {
  return {
    fallback,
    read: (value) => (value === "" ? [] : value.split(",").map((item) => item.replace(/%25|%2C/g, decodeURIComponent))),
    write: (values) => values.map((item) => item.replace(/[%,]/g, encodeURIComponent)).join(","),
  };
}

/** What the address says; anything unreadable counts as not given. */
export function decode<S extends Schema>(schema: S, parameters: Given): Values<S> {
  const values = Object.entries(schema).map(([name, parameter]) => {
    const given = parameters.get(name);
    return [name, (given === null ? undefined : parameter.read(given)) ?? parameter.fallback];
  });
  return Object.fromEntries(values) as Values<S>;
}

/** The parameters with these changes; others stay. */
export function encode<S extends Schema>(schema: S, parameters: Given, changes: Partial<Values<S>>): URLSearchParams {
  const changed = new URLSearchParams(parameters.toString());
  for (const [name, value] of Object.entries(changes)) {
    const parameter = schema[name];
    if (!parameter || value === undefined) continue;
    if (parameter.write(value) === parameter.write(parameter.fallback)) changed.delete(name);
    else changed.set(name, parameter.write(value));
  }
  return changed;
}
