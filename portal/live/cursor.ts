/**
 * A place in the board's trail of events: opaque to readers, ordered for us. The same text as the law's own cursor
 * (`muster.make_cursor`): incarnation, transaction and id of the last event read, in URL-safe base64.
 */
export interface Place {
  readonly incarnation: number;
  readonly xid: bigint;
  readonly id: bigint;
}

export function formatCursor({ incarnation, xid, id }: Place): string {
  return Buffer.from(`${incarnation}:${xid}:${id}`, "utf8").toString("base64url");
}

/** Null for anything that is no cursor; readers send what they like. */
export function parseCursor(text: string | null | undefined): Place | null {
  if (text === null || text === undefined || !/^[\w-]{4,120}$/.test(text)) return null;
  const parts = /^([0-9]{1,9}):([0-9]{1,20}):([0-9]{1,19})$/.exec(Buffer.from(text, "base64url").toString("utf8"));
  const [, incarnation, xid, id] = parts ?? [];
  if (incarnation === undefined || xid === undefined || id === undefined) return null;
  return { incarnation: Number(incarnation), xid: BigInt(xid), id: BigInt(id) };
}

/** Below 0: `a` comes first. Places of two incarnations have no order; callers compare incarnations before. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.xid !== b.xid) return a.xid < b.xid ? -1 : 1;
  if (a.id !== b.id) return a.id < b.id ? -1 : 1;
  return 0;
}
