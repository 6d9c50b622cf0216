/** Brings regions of the page up to date in place: what did not change keeps its element, its focus and its open details. */
import morphdom from "morphdom";
import { holdStill } from "./hold-still.ts";

/** Regions by key, as HTML of our own server. */
export type RegionTexts = Readonly<Record<string, string>>;

/** False when a region is not on this page: it is another build's page, and must be loaded anew. */
export function applyRegions(regions: RegionTexts): boolean {
  let isWhole = true;
  holdStill(() => {
    for (const [key, html] of Object.entries(regions)) {
      const element = document.querySelector(`[data-live="${CSS.escape(key)}"]`);
      const next = parse(html);
      if (element === null || next === null) isWhole = false;
      else morph(element, next);
    }
  });
  return isWhole;
}

function parse(html: string): Element | null {
  // A template runs nothing and loads nothing.
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function morph(element: Element, next: Element): void {
  morphdom(element, next, {
    getNodeKey: (node) => (node instanceof Element ? (node.getAttribute("data-key") ?? node.id) : null) || undefined,
    onBeforeElUpdated(from, to) {
      // An island of its own keeps itself; its first markup is only a start.
      if (from.hasAttribute("data-live-own")) return false;
      if (from instanceof HTMLDetailsElement) to.toggleAttribute("open", from.open);
      if (from === document.activeElement && from instanceof HTMLInputElement) return false;
      return !from.isEqualNode(to);
    },
    onNodeAdded(node) {
      if (node instanceof HTMLElement && node.dataset["key"] !== undefined) node.classList.add("just-in");
      return node;
    },
  });
}
