import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { CliError } from "../../errors/cli-error.ts";
import { type InnerNetwork, readInnerNetwork } from "../../state/inner-network.ts";
import type { StatePaths } from "../../state/paths.ts";
import { writeFileAtomic } from "../../state/write-file-atomic.ts";

/** 10.192.0.0/12 cut into networks of 16 addresses: 65,536 of them. */
const FIRST = 0x0a_c0_00_00;
const NETWORKS = 65_536;
const SIZE = 16;
const PREFIX = 28;
const ROUTES = "/proc/net/route";

interface Range {
  readonly first: number;
  readonly last: number;
}

/** The instance's inner network; chosen clear of every route of this machine at the first start, and kept from then on. */
export function innerNetworkOf(paths: Pick<StatePaths, "instance" | "network">, instanceId: string): InnerNetwork {
  const known = readInnerNetwork(paths.network);
  if (known !== null) return known;
  const chosen = chooseNetwork(instanceId, existsSync(ROUTES) ? parseRoutes(readFileSync(ROUTES, "utf8")) : []);
  if (existsSync(paths.instance)) writeFileAtomic(paths.network, `${JSON.stringify(chosen, null, 2)}\n`, 0o644);
  return chosen;
}

/** The first free network, beginning at one that the instance's id picks. Pure. @throws CliError PREFLIGHT_FAILED when none is free */
export function chooseNetwork(instanceId: string, taken: readonly Range[]): InnerNetwork {
  const start = createHash("sha256").update(instanceId).digest().readUInt16BE(0);
  for (let step = 0; step < NETWORKS; step += 1) {
    const first = FIRST + ((start + step) % NETWORKS) * SIZE;
    const isFree = taken.every((range) => range.last < first || range.first >= first + SIZE);
    if (!isFree) continue;
    // .1 is the engine's own.
    const at = (offset: number) => dotted(first + offset);
    return {
      subnet: `${dotted(first)}/${PREFIX}`,
      addresses: { postgres: at(2), directus: at(3), rag: at(4), portal: at(5), caddy: at(6) },
    };
  }
  throw new CliError("PREFLIGHT_FAILED", {
    message: "Every network of 10.192.0.0/12 is routed elsewhere on this machine.",
    hint: "Free one of 16 addresses in that range for the containers' inner network.",
  });
}

/** Ranges that /proc/net/route sends somewhere, the default route left out. Pure. */
export function parseRoutes(table: string): readonly Range[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [, destination, , , , , , mask] = line.trim().split(/\s+/);
      if (destination === undefined || mask === undefined || mask === "00000000") return [];
      const first = littleEndian(destination);
      return [{ first, last: first + (0xff_ff_ff_ff - littleEndian(mask)) }];
    });
}

function littleEndian(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE(0);
}

function dotted(address: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes.join(".");
}
