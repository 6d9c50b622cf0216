/** Single keys can be turned off (WCAG 2.1.4). The choice is the browser's, not the board's. */
const KEY = "muster.single-keys";

export function areSingleKeysOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== "off";
  } catch {
    return true;
  }
}

/** Lost when the browser keeps nothing; then they are on again at the next page. */
export function setSingleKeys(isOn: boolean): void {
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // A browser without storage: nothing to keep.
  }
}
