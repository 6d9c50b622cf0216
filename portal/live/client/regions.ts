/** Brings regions of the page up to date in place: what did not change keeps its element, its focus and its open details. */
import morphdom from "morphdom";
import { holdStill } from "./hold-still.ts";

/** Regions by key, as HTML of our own server. */
export type RegionTexts = Readonly<Record<string, string>>;
/** Regions by key, parsed and of nobody else. */
export type RegionElements = ReadonlyMap<string, Element>;

/** Details that the reader opened stay open, and nothing jumps. False when a region is not on this page: it is another build's page, and must be loaded anew. */
export function applyRegions(regions: RegionTexts): boolean {
  let isWhole = true;
  keepFocus(() =>
    holdStill(() => {
      for (const [key, html] of Object.entries(regions)) {
        const element = findRegion(key);
        const next = parse(html);
        if (element === null || next === null) isWhole = false;
        else morph(element, next, { keepsOpen: true });
      }
    }),
  );
  return isWhole;
}

/** Another page in place of this one: details are as it has them, and what is listed is other things, which do not come from where the old ones were. */
export function replaceRegions(regions: RegionElements): void {
  keepFocus(() => {
    for (const [key, next] of regions) {
      const element = findRegion(key);
      if (element !== null) morph(element, next, { keepsOpen: false });
    }
  });
}

function findRegion(key: string): Element | null {
  return document.querySelector(`[data-live="${CSS.escape(key)}"]`);
}

function keepFocus(change: () => void): void {
  const focused = document.activeElement;
  change();
  if (focused instanceof HTMLAnchorElement && !focused.isConnected) focusSuccessor(focused);
}

/** A link whose sentence was replaced: who stood on it stands on the one that leads to the same place. */
function focusSuccessor(gone: HTMLAnchorElement): void {
  const href = CSS.escape(gone.getAttribute("href") ?? "");
  document.querySelector<HTMLAnchorElement>(`[data-live] a[href="${href}"]`)?.focus({ preventScroll: true });
}

const LISTS = "tbody, ul, ol";

function parse(html: string): Element | null {
  // A template runs nothing and loads nothing.
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function morph(element: Element, next: Element, { keepsOpen }: { readonly keepsOpen: boolean }): void {
  morphdom(element, next, {
    getNodeKey: (node) => (node instanceof Element ? (node.getAttribute("data-key") ?? node.id) : null) || undefined,
    onBeforeElUpdated(from, to) {
      if (keepsOpen && from instanceof HTMLDetailsElement) to.toggleAttribute("open", from.open);
      if (from === document.activeElement && from instanceof HTMLInputElement) return false;
      return !from.isEqualNode(to);
    },
    onBeforeElChildrenUpdated(from, to) {
      if (keepsOpen || !from.matches(LISTS) || from.contains(document.activeElement)) return true;
      // To compare each row with one of another page takes longer than to put it there.
      from.replaceChildren(...to.childNodes);
      return false;
    },
    onNodeAdded(node) {
      if (node instanceof HTMLElement && node.dataset["key"] !== undefined) node.classList.add("just-in");
      return node;
    },
  });
}
