/** The board's clock, as far as this page can know it, and everything on the page that counts with it. */
import { type LeaseFacts, labelOf, leaseKey, ringDashes } from "../../view/ember.ts";
import { type LeaseBeat, liveState } from "../../view/live-ember.ts";
import { formatAge, formatDuration } from "../../view/times.ts";

const leases = new Map<string, LeaseBeat>();
/** Board's clock minus our monotonic one; null until the board has told its time. */
let offset: number | null = null;
/** When the board last said how its leases stand, by its own clock. */
let readAt = 0;

export function boardNow(): number | null {
  return offset === null ? null : performance.now() + offset;
}

/** The smallest delay seen is the truest reading: a late message makes the board look slow, never fast. */
export function hearClock(boardMs: number): void {
  const heard = boardMs - performance.now();
  offset = offset === null || Math.abs(heard - offset) > 5_000 ? heard : Math.max(offset, heard);
  readAt = Math.max(readAt, boardMs);
}

export function hearLeases(changed: readonly LeaseBeat[], gone: readonly number[] | "others"): void {
  if (gone === "others") leases.clear();
  for (const lease of changed) leases.set(leaseKey({ task: lease[0], epoch: lease[1] }), lease);
  for (const [key, [task]] of leases) if (gone !== "others" && gone.includes(task)) leases.delete(key);
}

/**
 * Brings every counting element to the present. `isCurrent` false: the page has no fresh evidence; no ember glows, and no duration is counted
 * on, because what it counts from may have changed.
 */
export function tick(isCurrent: boolean): void {
  const now = boardNow();
  if (now === null) return;
  for (const element of document.querySelectorAll<HTMLElement | SVGElement>("[data-since],[data-until]")) {
    const { lease: key, since, until, unit } = element.dataset;
    const lease = key === undefined ? undefined : leases.get(key);
    if (element instanceof SVGElement) {
      drawEmber(element, lease, now, isCurrent);
    } else if (isCurrent) {
      const instant = since === undefined ? (lease?.[3] ?? Number(until)) : (lease?.[2] ?? Number(since));
      const seconds = (since === undefined ? instant - now : now - instant) / 1000;
      write(element, unit === "age" ? formatAge(seconds) : formatDuration(seconds));
    }
  }
}

function write(element: Element, text: string): void {
  const [child] = element.childNodes;
  if (child?.nodeType === Node.TEXT_NODE && element.childNodes.length === 1) {
    if (child.nodeValue !== text) child.nodeValue = text;
  } else if (element.textContent !== text) element.textContent = text;
}

function drawEmber(svg: SVGElement, heard: LeaseBeat | undefined, now: number, isCurrent: boolean): void {
  const { since, until, length, kind, agent, lease: key = "" } = svg.dataset;
  const [task = 0, epoch = 0] = key.split(":").map(Number);
  const lease: LeaseBeat = heard ?? [task, epoch, Number(since), Number(until), Number(length)];
  const state = isCurrent ? liveState(lease, now, readAt) : "unknown";
  const left = Math.max(0, lease[3] - now) / 1000;
  const name = `ember is-${state} ${["s", "l"].find((size) => svg.classList.contains(size)) ?? "m"}`;
  if (svg.getAttribute("class") !== name) svg.setAttribute("class", name);
  const dashes = ringDashes(Math.min(100, (100 * left) / Math.max(1, lease[4])));
  const ring = svg.querySelector(".e-ring");
  if (ring !== null && ring.getAttribute("stroke-dasharray") !== dashes) ring.setAttribute("stroke-dasharray", dashes);
  const facts: LeaseFacts = {
    ...{ task, epoch, agent: agent ?? null, leaseSeconds: lease[4] },
    kind: kind === "review" ? "review" : "work",
    ...{ heartbeatAt: new Date(lease[2]), expiresAt: new Date(lease[3]) },
  };
  const label = labelOf(facts, state, left, Math.max(0, now - lease[2]) / 1000, new Date(now));
  if (svg.getAttribute("aria-label") !== label) svg.setAttribute("aria-label", label);
}
