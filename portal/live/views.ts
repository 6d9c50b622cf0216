/**
 * The views that somebody watches. A view is rendered once for all its watchers, one view at a time, and at most half of the time:
 * a burst of events costs a few renders, not one per event.
 */
import { PLACES } from "../view/places.ts";
import { formatFrame } from "./frames.ts";
import { changedRegions, outermostRegions } from "./regions.ts";
import { type RenderedView, renderView, type ViewAnswer } from "./view-renderer.ts";

/** Distinct views that one process keeps live, besides the portal's own places; a reader of one more is told that its page stands still. */
const LIMIT = 64;
/** Views that nobody watches are kept so long, so that a reload finds its view warm. */
const KEEP_MS = 30_000;
/** A reader who has just loaded a page is not kept waiting for its next one by the rendering of what is on the page already. */
const SOON_MS = 3_000;
/** A view that could not be rendered is tried again after so long, and half as often each time, down to once in `RETRY_LIMIT_MS`. */
const RETRY_MS = 1_000;
const RETRY_LIMIT_MS = 8_000;

/** These are few, and no flood of other addresses may crowd them out. */
const OWN_PATHS: ReadonlySet<string> = new Set(
  PLACES.flatMap(({ path }) => [path, `${path}?theme=paper`, `${path}?theme=console`]),
);

export interface ViewWatcher {
  send(frame: Uint8Array): void;
}

export interface View {
  readonly path: string;
  readonly watchers: Set<ViewWatcher>;
  /** Those of them whose page is older than what was rendered last: what changed since then is not all that it lacks. */
  readonly behind: Set<ViewWatcher>;
  /** Readers on their way: they hold the view and are not among its watchers yet. */
  coming: number;
  rendered: RenderedView | null;
  isDirty: boolean;
  /** Send all of it next time: some of its readers have a page that was never among what was rendered here. */
  isWhole: boolean;
  /** Names what was rendered last; no other rendering of any view has the same, nor one of an earlier process. 0: none yet. */
  version: number;
  /** When it changes by itself, by the board's clock, ms since 1970; Infinity: never. */
  dueAt: number;
  usedAt: number;
  /** Renders that failed one after the other, and the instant before which the next is not tried. */
  failures: number;
  restsUntil: number;
}

export class Views {
  readonly #render: (path: string) => Promise<ViewAnswer>;
  readonly #views = new Map<string, View>();
  #isRendering = false;
  #version = Date.now();
  #touchedAt = Number.NEGATIVE_INFINITY;

  /** @param render answers a page as any reader gets it */
  constructor(render: (path: string) => Promise<ViewAnswer> = renderView) {
    this.#render = render;
  }

  get size(): number {
    return this.#views.size;
  }

  /** When something last changed that any view may show, monotonic ms. */
  get touchedAt(): number {
    return this.#touchedAt;
  }

  /** The view of a path, made when there is room; the one that nobody watches for longest makes room. Null: somebody watches each. */
  open(path: string): View | null {
    const known = this.#views.get(path);
    if (known !== undefined) {
      known.usedAt = Date.now();
      return known;
    }
    this.#drop();
    if (this.#views.size >= LIMIT && !this.#dropOldest() && !OWN_PATHS.has(path)) return null;
    const view: View = {
      ...{
        path,
        watchers: new Set<ViewWatcher>(),
        behind: new Set<ViewWatcher>(),
        coming: 0,
        rendered: null,
        isDirty: false,
        isWhole: false,
      },
      ...{ version: 0, dueAt: Number.POSITIVE_INFINITY, usedAt: Date.now(), failures: 0, restsUntil: 0 },
    };
    this.#views.set(path, view);
    return view;
  }

  /**
   * Brings a new watcher up to date, which is among the view's watchers already: at once, when nothing has changed since the last rendering, else with the next one.
   * @param stamp of its page; null: it has none
   * @param isOfNow nothing was heard of since its page was read
   */
  bring(view: View, watcher: ViewWatcher, stamp: string | null, isOfNow: boolean): void {
    const { rendered, isDirty } = view;
    if (rendered === null && !isDirty && isOfNow) this.touchSoon(view);
    else if (rendered === null) this.touch(view);
    else {
      const isBehind = stamp === null || rendered.stamp > stamp;
      // Of an unknown age, perhaps, and outdated in any case: it is not shown any more.
      if (isBehind && isDirty) view.behind.add(watcher);
      else if (isBehind) watcher.send(formatWholeView(rendered));
      if (isDirty) this.touch(view);
    }
  }

  /** What was rendered is of an unknown age: everything is rendered again before it is shown to a new watcher. */
  forget(): void {
    for (const view of this.#views.values()) view.isDirty = true;
  }

  /** Something changed that any view may show. `isWhole`: readers may have come during an outage, with a last reading in hand. */
  touchAll(isWhole = false): void {
    this.#drop();
    this.#touchedAt = performance.now();
    for (const view of this.#views.values()) {
      view.isDirty = true;
      view.isWhole ||= isWhole;
      // What failed before the outage ended says nothing about now.
      if (isWhole) view.restsUntil = 0;
    }
    this.#work();
  }

  /** Something changed that only the views at this address show, whatever their query. */
  touchAt(pathname: string): void {
    this.#touchedAt = performance.now();
    for (const view of this.#views.values()) {
      if (view.path.split("?")[0] === pathname) view.isDirty = true;
    }
    this.#work();
  }

  /** Some say by themselves when they will look different. @param now the board's clock, ms since 1970 */
  touchDue(now: number): void {
    for (const view of this.#views.values()) {
      if (view.dueAt > now) continue;
      view.dueAt = Number.POSITIVE_INFINITY;
      view.isDirty = true;
    }
    this.#work();
  }

  touch(view: View): void {
    view.isDirty = true;
    this.#work();
  }

  /** Its reader has it as it is. It is rendered with the next change, or in a while: only then is it known when it changes by itself. */
  touchSoon(view: View): void {
    setTimeout(() => {
      if (view.rendered === null && isHeld(view)) this.touch(view);
    }, SOON_MS).unref();
  }

  #drop(): void {
    const oldest = Date.now() - KEEP_MS;
    for (const [path, view] of this.#views) {
      if (!isHeld(view) && view.usedAt < oldest) this.#views.delete(path);
    }
  }

  #dropOldest(): boolean {
    const free = [...this.#views.values()].filter((view) => !isHeld(view));
    if (free.length === 0) return false;
    return this.#views.delete(free.reduce((a, b) => (b.usedAt < a.usedAt ? b : a)).path);
  }

  #work(): void {
    if (this.#isRendering) return;
    this.#isRendering = true;
    void this.#renderDirty();
  }

  async #renderDirty(): Promise<void> {
    for (;;) {
      const view = this.#next();
      if (view === null) {
        this.#isRendering = false;
        return;
      }
      const startedAt = performance.now();
      view.isDirty = false;
      const answer = await this.#render(view.path);
      if (answer === null) this.#tryLater(view);
      else view.failures = 0;
      if (answer !== null && answer !== "absent") {
        this.#version += 1;
        publish(view, answer, this.#version);
      }
      await new Promise((resolve) => setTimeout(resolve, performance.now() - startedAt));
    }
  }

  /** What the events before this said is not on the page yet, so the view stays dirty. */
  #tryLater(view: View): void {
    const wait = Math.min(RETRY_LIMIT_MS, RETRY_MS * 2 ** view.failures);
    view.failures += 1;
    view.isDirty = true;
    view.restsUntil = Date.now() + wait;
    setTimeout(() => {
      view.restsUntil = 0;
      this.#drop();
      this.#work();
    }, wait).unref();
  }

  /** The dirty view that waits longest: it moves to the end of the line. */
  #next(): View | null {
    for (const [path, view] of this.#views) {
      if (!view.isDirty || view.restsUntil > Date.now()) continue;
      this.#views.delete(path);
      this.#views.set(path, view);
      return view;
    }
    return null;
  }
}

function isHeld({ watchers, coming }: View): boolean {
  return watchers.size > 0 || coming > 0;
}

function publish(view: View, rendered: RenderedView, version: number): void {
  const before = view.rendered;
  view.rendered = rendered;
  const regions =
    before === null || view.isWhole
      ? outermostRegions(rendered.regions)
      : changedRegions(before.regions, rendered.regions);
  view.isWhole = false;
  view.version = version;
  view.dueAt = rendered.dueAt;
  const frame = formatViewFrame(rendered, regions);
  const whole = view.behind.size === 0 ? frame : formatWholeView(rendered);
  for (const watcher of view.watchers) watcher.send(view.behind.has(watcher) ? whole : frame);
  view.behind.clear();
}

/** The whole view, for a reader whose page is older than it. */
export function formatWholeView(rendered: RenderedView): Uint8Array {
  return formatViewFrame(rendered, outermostRegions(rendered.regions));
}

function formatViewFrame({ stamp, title }: RenderedView, regions: Readonly<Record<string, string>>): Uint8Array {
  return formatFrame("view", JSON.stringify({ stamp, title, regions }));
}
