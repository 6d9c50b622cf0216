/**
 * The views that somebody watches. A view is rendered once for all its watchers, one view at a time, and at most half of the time:
 * a burst of events costs a few renders, not one per event.
 */
import { formatFrame } from "./frames.ts";
import { changedRegions, outermostRegions } from "./regions.ts";
import { type RenderedView, renderView } from "./view-renderer.ts";

/** Distinct views that one process keeps live; a reader of one more gets events only and asks again by itself. */
const LIMIT = 64;
/** Views that nobody watches are kept so long, so that a reload finds its view warm. */
const KEEP_MS = 30_000;

export interface ViewWatcher {
  send(frame: Uint8Array): void;
}

export interface View {
  readonly path: string;
  readonly watchers: Set<ViewWatcher>;
  rendered: RenderedView | null;
  isDirty: boolean;
  /** Send all of it next time: some of its readers have a page that was never among what was rendered here. */
  isWhole: boolean;
  /** Counts renders that changed something. */
  version: number;
  usedAt: number;
}

export class Views {
  readonly #views = new Map<string, View>();
  #isRendering = false;

  get size(): number {
    return this.#views.size;
  }

  /** The view of a path, made when there is room. Null when there is none. */
  open(path: string): View | null {
    const known = this.#views.get(path);
    if (known !== undefined) {
      known.usedAt = Date.now();
      return known;
    }
    this.#drop();
    if (this.#views.size >= LIMIT) return null;
    const view: View = {
      path,
      watchers: new Set(),
      rendered: null,
      isDirty: false,
      isWhole: false,
      version: 0,
      usedAt: Date.now(),
    };
    this.#views.set(path, view);
    return view;
  }

  /** What was rendered is of an unknown age: everything is rendered again before it is shown to a new watcher. */
  forget(): void {
    for (const view of this.#views.values()) view.isDirty = true;
  }

  /** Something changed that any view may show. `isWhole`: readers may have come during an outage, with a last reading in hand. */
  touchAll(isWhole = false): void {
    this.#drop();
    for (const view of this.#views.values()) {
      view.isDirty = true;
      view.isWhole ||= isWhole;
    }
    this.#work();
  }

  touch(view: View): void {
    view.isDirty = true;
    this.#work();
  }

  #drop(): void {
    const oldest = Date.now() - KEEP_MS;
    for (const [path, view] of this.#views) {
      if (view.watchers.size === 0 && view.usedAt < oldest) this.#views.delete(path);
    }
  }

  #work(): void {
    if (this.#isRendering) return;
    this.#isRendering = true;
    void this.#renderDirty().finally(() => {
      this.#isRendering = false;
    });
  }

  async #renderDirty(): Promise<void> {
    for (;;) {
      const view = this.#next();
      if (view === null) return;
      const startedAt = performance.now();
      view.isDirty = false;
      publish(view, await renderView(view.path));
      await new Promise((resolve) => setTimeout(resolve, performance.now() - startedAt));
    }
  }

  /** The dirty view that waits longest: it moves to the end of the line. */
  #next(): View | null {
    for (const [path, view] of this.#views) {
      if (!view.isDirty) continue;
      this.#views.delete(path);
      this.#views.set(path, view);
      return view;
    }
    return null;
  }
}

function publish(view: View, rendered: RenderedView | null): void {
  if (rendered === null) return;
  const before = view.rendered;
  view.rendered = rendered;
  const regions =
    before === null || view.isWhole
      ? outermostRegions(rendered.regions)
      : changedRegions(before.regions, rendered.regions);
  view.isWhole = false;
  view.version += 1;
  const frame = formatViewFrame(rendered, regions);
  for (const watcher of view.watchers) watcher.send(frame);
}

/** The whole view, for a reader whose page is older than it. */
export function formatWholeView(rendered: RenderedView): Uint8Array {
  return formatViewFrame(rendered, outermostRegions(rendered.regions));
}

function formatViewFrame({ stamp, title }: RenderedView, regions: Readonly<Record<string, string>>): Uint8Array {
  return formatFrame("view", JSON.stringify({ stamp, title, regions }));
}
