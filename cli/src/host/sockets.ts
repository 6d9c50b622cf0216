/** Who listens on a port: /proc/net/tcp and tcp6 give the inode, /proc/<pid>/fd the process that holds it. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { isIPv6, SocketAddress } from "node:net";
import { findProcess, listPids, type ProcessInfo } from "./process-table.ts";

export interface SocketRow {
  /** "127.0.0.1", "0.0.0.0", "::", "::1", … */
  readonly address: string;
  readonly port: number;
  readonly uid: number;
  readonly inode: number;
}

export interface Listener extends SocketRow {
  /** Processes that hold the socket; empty when they belong to a user whose processes we may not read. */
  readonly owners: readonly ProcessInfo[];
}

/** State 0A of /proc/net/tcp: LISTEN. */
const LISTEN = "0A";

/** The listening rows of one table, pure. `family` says how its addresses are written. */
export function parseListeners(table: string, family: 4 | 6): readonly SocketRow[] {
  const rows: SocketRow[] = [];
  for (const line of table.split("\n").slice(1)) {
    const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/);
    if (local === undefined || state !== LISTEN || uid === undefined || inode === undefined) continue;
    const [address = "", port = ""] = local.split(":");
    rows.push({
      address: family === 4 ? ipv4(address) : ipv6(address),
      port: Number.parseInt(port, 16),
      uid: Number(uid),
      inode: Number(inode),
    });
  }
  return rows;
}

/** The kernel prints each 32-bit word in host order, which is little-endian on every platform we run on. */
function ipv4(hex: string): string {
  return Buffer.from(hex, "hex").reverse().join(".");
}

function ipv6(hex: string): string {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => Buffer.from(word, "hex").reverse().toString("hex"));
  const bytes = words.join("");
  if (/^0{32}$/.test(bytes)) return "::";
  if (/^0{31}1$/.test(bytes)) return "::1";
  if (bytes.startsWith("00000000000000000000ffff")) return Buffer.from(bytes.slice(24), "hex").join(".");
  return (bytes.match(/.{4}/g) ?? []).join(":");
}

/** True when a listener there would take connections meant for 127.0.0.1 or localhost. */
export function coversLoopback(address: string): boolean {
  return address === "0.0.0.0" || address === "::" || address === "::1" || address.startsWith("127.");
}

/** True when a listener there keeps others from listening at `wanted` on its port; null: at every address. Pure. */
export function occupies(address: string, wanted: string | null): boolean {
  return wanted === null || address === "0.0.0.0" || address === "::" || canonical(address) === canonical(wanted);
}

/** "2001:0db8:0000:…" and "2001:db8::1" are one. */
function canonical(address: string): string {
  return isIPv6(address) ? new SocketAddress({ address, family: "ipv6" }).address : address;
}

/**
 * Every listener on the port whose address is one of those, over IPv4 and IPv6, with its owners; in the network of a process, or in this
 * machine's own.
 */
export function listenersOn(
  port: number,
  networkPid: number | null = null,
  isOneOfThose: (address: string) => boolean = coversLoopback,
): readonly Listener[] {
  const folder = networkPid === null ? "/proc/net" : `/proc/${networkPid}/net`;
  const rows = [...readTable(folder, "tcp", 4), ...readTable(folder, "tcp6", 6)].filter(
    (row) => row.port === port && isOneOfThose(row.address),
  );
  if (rows.length === 0) return [];
  const owners = ownersOf(new Set(rows.map((row) => row.inode)));
  return rows.map((row) => ({ ...row, owners: owners.get(row.inode) ?? [] }));
}

function readTable(folder: string, name: string, family: 4 | 6): readonly SocketRow[] {
  try {
    return parseListeners(readFileSync(`${folder}/${name}`, "utf8"), family);
  } catch {
    // A kernel without IPv6 has no tcp6 table, and a process that is gone has none at all.
    return [];
  }
}

function ownersOf(inodes: ReadonlySet<number>): Map<number, ProcessInfo[]> {
  const owners = new Map<number, ProcessInfo[]>();
  for (const pid of listPids()) {
    for (const inode of socketInodes(pid)) {
      if (!inodes.has(inode)) continue;
      const info = findProcess(pid);
      const known = owners.get(inode) ?? [];
      if (info !== null && !known.some((owner) => owner.pid === pid)) owners.set(inode, [...known, info]);
    }
  }
  return owners;
}

function socketInodes(pid: number): readonly number[] {
  let entries: readonly string[];
  try {
    entries = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Gone, or another user's process.
    return [];
  }
  return entries.flatMap((entry) => {
    try {
      const match = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${entry}`));
      return match === null ? [] : [Number(match[1])];
    } catch {
      // The descriptor was closed while we looked.
      return [];
    }
  });
}
