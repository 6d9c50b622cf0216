/**
 * Places tasks so that what is waited for stands left of what waits. Layers by longest path, order inside a layer by the mean place of
 * neighbours, swept to and fro. Linear in tasks and edges per sweep: a general library took seconds for 60 tasks, on the loop that serves pages.
 */

export interface Edge {
  /** Is waited for: stands left. */
  readonly from: number;
  /** Waits: stands right. */
  readonly to: number;
}

export interface Placed {
  readonly id: number;
  /** Column, from 0 at the left. */
  readonly layer: number;
  /** Row in the column, from 0 at the top. */
  readonly row: number;
}

/** Sweeps after which the order hardly changes on boards of hundreds of tasks. */
const SWEEPS = 8;

export interface Neighbours {
  /** By task: what it waits for. */
  readonly before: ReadonlyMap<number, readonly number[]>;
  /** By task: what waits for it. */
  readonly after: ReadonlyMap<number, readonly number[]>;
}

/** Edges with an end outside `ids` are left out. */
export function neighboursOf(ids: readonly number[], edges: readonly Edge[]): Neighbours {
  const known = new Set(ids);
  const before = new Map<number, number[]>(ids.map((id) => [id, []]));
  const after = new Map<number, number[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) {
    if (!known.has(from) || !known.has(to)) continue;
    before.get(to)?.push(from);
    after.get(from)?.push(to);
  }
  return { before, after };
}

/**
 * Ids with every task after what it waits for. The law allows no circle; should one exist all the same, its tasks come last, in
 * their given order, so that the page is drawn.
 */
export function inOrder(ids: readonly number[], { before, after }: Neighbours): readonly number[] {
  const open = new Map(ids.map((id) => [id, before.get(id)?.length ?? 0]));
  const ready = ids.filter((id) => open.get(id) === 0);
  const order: number[] = [];
  for (let at = 0; at < ready.length; at += 1) {
    const id = ready[at];
    if (id === undefined) break;
    order.push(id);
    for (const next of after.get(id) ?? []) {
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) ready.push(next);
    }
  }
  const seen = new Set(order);
  return [...order, ...ids.filter((id) => !seen.has(id))];
}

export function layOut(ids: readonly number[], edges: readonly Edge[]): readonly Placed[] {
  const neighbours = neighboursOf(ids, edges);
  const layerOf = new Map<number, number>();
  for (const id of inOrder(ids, neighbours)) {
    const left = (neighbours.before.get(id) ?? []).map((other) => layerOf.get(other) ?? -1);
    layerOf.set(id, Math.max(-1, ...left) + 1);
  }
  const layers: number[][] = [];
  for (const id of ids) {
    const layer = layerOf.get(id) ?? 0;
    layers[layer] ??= [];
    layers[layer].push(id);
  }
  const rowOf = new Map<number, number>();
  const number = (layer: readonly number[]) => {
    for (const [row, id] of layer.entries()) rowOf.set(id, row);
  };
  for (const layer of layers) number(layer);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const isForward = sweep % 2 === 0;
    const side = isForward ? neighbours.before : neighbours.after;
    for (const layer of isForward ? layers : layers.toReversed()) {
      sortByMean(layer, side, rowOf);
      number(layer);
    }
  }
  return layers.flatMap((layer, at) => layer.map((id, row) => ({ id, layer: at, row })));
}

/** In place. A task without neighbours on that side keeps its row. */
function sortByMean(
  layer: number[],
  side: ReadonlyMap<number, readonly number[]>,
  rowOf: ReadonlyMap<number, number>,
): void {
  const mean = new Map(
    layer.map((id) => {
      const rows = (side.get(id) ?? []).map((other) => rowOf.get(other) ?? 0);
      const own = rowOf.get(id) ?? 0;
      return [id, rows.length === 0 ? own : rows.reduce((sum, row) => sum + row, 0) / rows.length];
    }),
  );
  layer.sort((a, b) => (mean.get(a) ?? 0) - (mean.get(b) ?? 0) || a - b);
}
