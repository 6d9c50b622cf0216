/** Links within the portal keep the chosen theme; without a choice they carry nothing and the page follows the system. */

export const THEMES = ["paper", "console"] as const;
export type Theme = (typeof THEMES)[number];

export function parseTheme(value: string | null | undefined): Theme | null {
  return THEMES.find((theme) => theme === value) ?? null;
}

export type Link = (path: string) => string;

/** A function that writes links: "/board#done" → "/board?theme=console#done". In a replay they stay at its instant. */
export function linkWith(theme: Theme | null, at: string | null = null): Link {
  const query = [
    ...(at === null ? [] : [`at=${encodeURIComponent(at)}`]),
    ...(theme === null ? [] : [`theme=${theme}`]),
  ].join("&");
  return (path) => {
    if (query === "") return path;
    const [address = "", ...fragment] = path.split("#");
    const joint = address.includes("?") ? "&" : "?";
    return `${address}${joint}${query}${fragment.length === 0 ? "" : `#${fragment.join("#")}`}`;
  };
}

/** A page as it was: path and query without theme, and the instant, in the place of one that is there; null leads back to now. */
export function replayPath(path: string, at: string | null, theme: Theme | null): string {
  const [address = "", query = ""] = path.split("?");
  const parameters = new URLSearchParams(query);
  if (at === null) parameters.delete("at");
  else parameters.set("at", at);
  if (theme !== null) parameters.set("theme", theme);
  return parameters.size === 0 ? address : `${address}?${parameters.toString()}`;
}

/** Number in an address, "41" or "r-0041"; null for anything else, so that the page can say not found. */
export function parseNumber(value: string, prefix = ""): number | null {
  const digits = prefix !== "" && value.startsWith(prefix) ? value.slice(prefix.length) : value;
  if (!/^[0-9]{1,9}$/.test(digits)) return null;
  const number = Number(digits);
  return number > 0 ? number : null;
}

/** "r-0041", as the board writes it. */
export function receiptRef(number: number): string {
  return `r-${String(number).padStart(4, "0")}`;
}
