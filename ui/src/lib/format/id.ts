// Tabs and line ends are left as they are.
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\u200b-\u200d\u2060-\u2064\ufeff]/gu;

/** The first eight characters of a trace's or span's id, as lists show it. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** The last segment of a logger's name. */
export function lastSegment(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1) || name;
}

/** Text with its control characters made visible, so that nothing in it reorders or hides what is beside it. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (found) => {
    const code = found.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}
