import { linkWith, parseTheme } from "../view/links.ts";
import { PLACES, type Place } from "../view/places.ts";

/** Opens the view whose letter was pressed after `g`; anything else, and a view that is not there, is none. */
export function goTo(letter: string, hidden: readonly string[]): void {
  const places: readonly Place[] = PLACES;
  const found = places.find((place) => place.letter === letter && !hidden.includes(place.key));
  if (found !== undefined) location.assign(withChoices(found.path, location.search));
}

/** The chosen theme stays chosen, and a replay stays at its instant. @param search the query of the page that is left */
export function withChoices(path: string, search: string): string {
  const query = new URLSearchParams(search);
  return linkWith(parseTheme(query.get("theme")), query.get("at"))(path);
}
