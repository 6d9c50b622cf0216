/**
 * Nothing on the page jumps. What a change of the page moves starts from where it was and glides to its new place, by transform, so that the
 * layout never shifts under a reader's eyes or finger. For those who want no motion it is over at once.
 */
const MOVERS = "[data-live],[data-key],[data-live-read] > * > *,.foot";
const GLIDE_MS = 160;
/** More boxes than this on one screen are left to jump: measuring them would cost more than it gives. */
const LIMIT = 300;

export function holdStill(change: () => void): void {
  const before = measure();
  change();
  const moved = new Map<Element, { readonly x: number; readonly y: number }>();
  const duration = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1 : GLIDE_MS;
  // In document order: an outer box is known before its inner ones, which move with it.
  for (const [element, old] of before) {
    if (!element.isConnected) continue;
    const now = element.getBoundingClientRect();
    const own = { x: old.x - now.x, y: old.y - now.y };
    const outer = outerMove(element, moved);
    moved.set(element, own);
    const x = own.x - outer.x;
    const y = own.y - outer.y;
    if (Math.abs(x) < 0.5 && Math.abs(y) < 0.5) continue;
    element.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], {
      duration,
      easing: "ease-out",
    });
  }
}

function measure(): ReadonlyMap<Element, DOMRect> {
  const found = new Map<Element, DOMRect>();
  for (const element of document.querySelectorAll(MOVERS)) {
    const box = element.getBoundingClientRect();
    if (box.bottom < 0 || box.top > innerHeight || box.height === 0) continue;
    found.set(element, box);
    if (found.size > LIMIT) return new Map();
  }
  return found;
}

function outerMove(element: Element, moved: ReadonlyMap<Element, { readonly x: number; readonly y: number }>) {
  for (let outer = element.parentElement; outer !== null; outer = outer.parentElement) {
    const move = moved.get(outer);
    if (move !== undefined) return move;
  }
  return { x: 0, y: 0 };
}
