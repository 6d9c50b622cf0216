import { PLACES, type Place } from "../view/places.ts";

/** Opens the view whose letter was pressed after `g`; anything else is no view. */
export function goTo(letter: string): void {
  const places: readonly Place[] = PLACES;
  const found = places.find((place) => place.letter === letter);
  if (found !== undefined) location.assign(withTheme(found.path));
}

/** The chosen theme stays chosen. */
export function withTheme(path: string): string {
  const theme = new URLSearchParams(location.search).get("theme");
  if (theme === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}theme=${encodeURIComponent(theme)}`;
}
