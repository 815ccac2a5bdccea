import { page } from "$app/state";
import { decode, encode, type Schema, type Values } from "./codec";
import { navigate, wanted } from "./navigate";

/** A view's state as the address has it: `values` to read, `set` for an entry of the history, `replace` for none. */
export interface UrlState<S extends Schema> {
  readonly values: Values<S>;
  /** The values of changes too that are on their way into the address, for what goes on from the latest; not reactive. */
  readonly wanted: Values<S>;
  set(changes: Partial<Values<S>>): void;
  replace(changes: Partial<Values<S>>): void;
  /** The address with these changes, for links. */
  href(changes: Partial<Values<S>>): string;
}

/** To be called where a component is set up. */
export function urlState<S extends Schema>(schema: S): UrlState<S> {
  const values = $derived(decode(schema, page.url.searchParams));
  return {
    get values() {
      return values;
    },
    get wanted() {
      return decode(schema, wanted());
    },
    set: (changes) => navigate((parameters) => encode(schema, parameters, changes), "push"),
    replace: (changes) => navigate((parameters) => encode(schema, parameters, changes), "replace"),
    href: (changes) => `${page.url.pathname}?${encode(schema, page.url.searchParams, changes)}`,
  };
}
