import { createHash } from "node:crypto";

/*
 * The same chain as the search service writes (rag/src/log/log-chain.ts): the CLI imports no service, so both hold it, and the tests of
 * this folder let each continue what the other wrote.
 */

/** Name of the chain file in the log folder. It is no Markdown, so it is not searched. */
export const CHAIN_FILE = "chain.jsonl";

/**
 * One line of the chain: these bytes of this file had this digest. `by` says whether the writer appended them or found them there,
 * written by hand or before the chain began.
 */
export interface ChainRecord {
  readonly n: number;
  readonly at: string;
  readonly file: string;
  readonly from: number;
  readonly to: number;
  readonly sha256: string;
  readonly by: "append" | "found";
  readonly prev: string;
  readonly hash: string;
}

export const CHAIN_START = "0".repeat(64);

/** The record that follows `prev`, with its hash over all its fields in this order. Pure. */
export function sealRecord(record: Omit<ChainRecord, "hash">): ChainRecord {
  const { n, at, file, from, to, sha256, by, prev } = record;
  const text = JSON.stringify([n, at, file, from, to, sha256, by, prev]);
  return { n, at, file, from, to, sha256, by, prev, hash: createHash("sha256").update(text).digest("hex") };
}

export function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** An entry as it is appended: a time, a title, and a text in which no line can be taken for another entry. Pure. */
export function renderEntry(at: Date, title: string, body: string): string {
  const time = at.toISOString().slice(11, 16);
  const text = body.trim().replace(/^#{1,2} /gm, "### ");
  return `\n## ${time} ${title.trim().replace(/\s+/g, " ")}\n${text === "" ? "" : `\n${text}\n`}`;
}
