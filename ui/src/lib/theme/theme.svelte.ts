const KEY = "otelgres.theme";

export type Theme = "dark" | "light";

/** Dark unless chosen otherwise. The start script of app.html sets it before the first paint. */
class Themes {
  current = $state<Theme>(document.documentElement.dataset.theme === "light" ? "light" : "dark");

  toggle(): void {
    this.current = this.current === "dark" ? "light" : "dark";
    document.documentElement.dataset.theme = this.current;
    try {
      localStorage.setItem(KEY, this.current);
    } catch {
      // Where storage is forbidden the choice lasts as long as the page.
    }
  }
}

export const theme = new Themes();

/** A colour of app.css by its name, `--error` for one, for what is drawn on a canvas; follows the theme. */
export function color(name: `--${string}`): string {
  void theme.current;
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
