import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { SourceDocument } from "../corpus/document.ts";
import type { PassageStore } from "../engine/passage-store.ts";

/** One accepted change of the index. */
export type Change =
  | { readonly op: "put"; readonly source: SourceDocument }
  | { readonly op: "remove"; readonly path: string }
  /** A source that is no folder has been taken in up to here; stands behind the changes that it covers. */
  | { readonly op: "mark"; readonly name: string; readonly mark: string };

/** Takes a change into a store, as it was taken in when it was logged. */
export function applyChange(store: PassageStore, change: Change): void {
  if (change.op === "put") store.put(change.source);
  else if (change.op === "remove") store.remove(change.path);
  else store.marks.set(change.name, change.mark);
}

/** Changes since a generation: one line each, led by the CRC-32 of its JSON. */
export class ChangeLog {
  private readonly handle: number;
  private written: number;

  /** Opens for appending, and cuts away what lies past `soundBytes`: the torn end of an interrupted write. */
  constructor(file: string, soundBytes: number) {
    this.handle = openSync(file, "a", 0o600);
    this.written = soundBytes;
    ftruncateSync(this.handle, soundBytes);
  }

  get bytes(): number {
    return this.written;
  }

  /** Appends and flushes. When it throws, the file holds what it held before. */
  append(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const text = changes.map((change) => encode(change)).join("");
    try {
      writeFileSync(this.handle, text);
      fsyncSync(this.handle);
      this.written += Buffer.byteLength(text);
    } catch (error) {
      ftruncateSync(this.handle, this.written);
      throw error;
    }
  }

  close(): void {
    closeSync(this.handle);
  }
}

/** Reads changes up to the first line that is not whole; `soundBytes` is where that is. An absent file has none. */
export function readChanges(file: string): {
  readonly changes: readonly Change[];
  readonly soundBytes: number;
  readonly torn: boolean;
} {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return { changes: [], soundBytes: 0, torn: false };
  }
  const changes: Change[] = [];
  let at = 0;
  for (let end = bytes.indexOf(10, at); end >= 0; end = bytes.indexOf(10, at)) {
    const change = decode(bytes.subarray(at, end));
    if (change === null) break;
    changes.push(change);
    at = end + 1;
  }
  return { changes, soundBytes: at, torn: at < bytes.length };
}

function encode(change: Change): string {
  const json = JSON.stringify(change);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

function decode(line: Buffer): Change | null {
  const json = line.subarray(9);
  if (line.length < 10 || crc32(json).toString(16).padStart(8, "0") !== line.toString("latin1", 0, 8)) return null;
  return JSON.parse(json.toString("utf8"));
}
