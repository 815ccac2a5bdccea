// One page in the browser: nothing is rendered where it is built.
export const ssr = false;
export const prerender = false;
