/**
 * The instant that a page is asked for by `?at=`: what a page saw (its own token), what a reader of the trail had read (a cursor of the
 * stream), or a time. The first two are exact; a time means what had happened by the clock.
 */

export type Instant =
  | { readonly kind: "page"; readonly incarnation: number; readonly snapshot: string; readonly at: Date }
  | { readonly kind: "place"; readonly incarnation: number; readonly xid: string; readonly id: string }
  | { readonly kind: "time"; readonly at: Date };

const PAGE = /^p:([0-9]{1,9}):([0-9]{1,20}:[0-9]{1,20}:[0-9,]{0,4000}):([0-9]{1,15})$/;
const PLACE = /^([0-9]{1,9}):([0-9]{1,20}):([0-9]{1,19})$/;
/** Seconds since 1970, as a slider sends them. */
const SECONDS = /^[0-9]{9,11}$/;
const ISO = /^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]{5,12}(Z|[+-][0-9]{2}:?[0-9]{2})?)?$/;

/** Null when the text names no instant. A time without a zone is UTC. */
export function parseInstant(text: string): Instant | null {
  if (SECONDS.test(text)) return { kind: "time", at: new Date(Number(text) * 1000) };
  if (ISO.test(text)) {
    const hasZone = /(Z|[+-][0-9]{2}:?[0-9]{2})$/.test(text.slice(10));
    const at = new Date(text.length === 10 || hasZone ? text : `${text.replace(" ", "T")}Z`);
    return Number.isNaN(at.getTime()) ? null : { kind: "time", at };
  }
  if (!/^[\w-]{4,6000}$/.test(text)) return null;
  const plain = Buffer.from(text, "base64url").toString("utf8");
  const [, incarnation, snapshot, ms] = PAGE.exec(plain) ?? [];
  if (incarnation !== undefined && snapshot !== undefined) {
    return { kind: "page", incarnation: Number(incarnation), snapshot, at: new Date(Number(ms)) };
  }
  const [, ofPlace, xid, id] = PLACE.exec(plain) ?? [];
  if (ofPlace === undefined || xid === undefined || id === undefined) return null;
  return { kind: "place", incarnation: Number(ofPlace), xid, id };
}

/** The token of a page: asked for it, every view shows again what that page showed. */
export function formatPageToken(incarnation: number, snapshot: string, at: Date): string {
  return Buffer.from(`p:${incarnation}:${snapshot}:${at.getTime()}`, "utf8").toString("base64url");
}

export function formatPlaceToken(incarnation: number, place: string): string {
  return Buffer.from(`${incarnation}:${place}`, "utf8").toString("base64url");
}
