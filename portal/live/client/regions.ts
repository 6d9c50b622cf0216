/** Brings regions of the page up to date in place: what did not change keeps its element, its focus and its open details. */
import morphdom from "morphdom";
import { holdStill } from "./hold-still.ts";

/** Regions by key, as HTML of our own server. */
export type RegionTexts = Readonly<Record<string, string>>;

export interface ApplyOptions {
  /** Details that the reader opened stay open; false: they are as the regions have them. */
  readonly keepsOpen: boolean;
}

/** False when a region is not on this page: it is another build's page, and must be loaded anew. */
export function applyRegions(regions: RegionTexts, { keepsOpen }: ApplyOptions = { keepsOpen: true }): boolean {
  let isWhole = true;
  const focused = document.activeElement;
  holdStill(() => {
    for (const [key, html] of Object.entries(regions)) {
      const element = document.querySelector(`[data-live="${CSS.escape(key)}"]`);
      const next = parse(html);
      if (element === null || next === null) isWhole = false;
      else morph(element, next, keepsOpen);
    }
  });
  if (focused instanceof HTMLAnchorElement && !focused.isConnected) focusSuccessor(focused);
  return isWhole;
}

/** A link whose sentence was replaced: who stood on it stands on the one that leads to the same place. */
function focusSuccessor(gone: HTMLAnchorElement): void {
  const href = CSS.escape(gone.getAttribute("href") ?? "");
  document.querySelector<HTMLAnchorElement>(`[data-live] a[href="${href}"]`)?.focus({ preventScroll: true });
}

function parse(html: string): Element | null {
  // A template runs nothing and loads nothing.
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function morph(element: Element, next: Element, keepsOpen: boolean): void {
  morphdom(element, next, {
    getNodeKey: (node) => (node instanceof Element ? (node.getAttribute("data-key") ?? node.id) : null) || undefined,
    onBeforeElUpdated(from, to) {
      if (keepsOpen && from instanceof HTMLDetailsElement) to.toggleAttribute("open", from.open);
      if (from === document.activeElement && from instanceof HTMLInputElement) return false;
      return !from.isEqualNode(to);
    },
    onNodeAdded(node) {
      if (node instanceof HTMLElement && node.dataset["key"] !== undefined) node.classList.add("just-in");
      return node;
    },
  });
}
