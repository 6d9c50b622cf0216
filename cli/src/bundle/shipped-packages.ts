import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const packageSchema = z.looseObject({ dev: z.boolean().optional(), link: z.boolean().optional() });
/** node_modules/.package-lock.json: what npm installed, development packages too where somebody develops. */
const installedSchema = z.looseObject({ packages: z.record(z.string(), packageSchema) });

export interface ShippedPackages {
  /** Every package of `npm ci --omit=dev`, by its folder from the checkout's root. */
  readonly all: readonly string[];
  /** What to pack, links of workspaces too: no folder lies in another of these. */
  readonly tops: readonly string[];
  /** The record of that installation, for npm and the launcher. */
  readonly record: string;
}

/** What a production installation has of an installation. Pure. */
export function shippedPackages(installed: string): ShippedPackages {
  const lock = installedSchema.parse(JSON.parse(installed));
  const shipped = Object.entries(lock.packages).filter(([, { dev }]) => dev !== true);
  const places = shipped.map(([path]) => path).filter((path) => path.split("/").includes("node_modules"));
  const all = shipped
    .filter(([path, { link }]) => link !== true && places.includes(path))
    .map(([path]) => path)
    .sort();
  const known = new Set(places);
  return {
    all,
    tops: places.filter((path) => !ancestors(path).some((folder) => known.has(folder))).sort(),
    record: `${JSON.stringify({ ...lock, packages: Object.fromEntries(shipped) }, null, 2)}\n`,
  };
}

/** Folders above a path, the nearest last. */
function ancestors(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

/** By which the launcher knows for which lock packages are: what `sha256sum` says of these files, hashed (bin/launcher/packages.sh). */
export function packagesHash(checkout: string): string {
  const sums = lockFiles(checkout).map((file) => `${sha256(readFileSync(join(checkout, file)))}  ${file}\n`);
  return sha256(sums.join("")).slice(0, 16);
}

/** The lock of a checkout's packages and what it is of, from its root. */
export function lockFiles(checkout: string): readonly string[] {
  const manifest: unknown = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"));
  const { workspaces } = z.object({ workspaces: z.array(z.string()) }).parse(manifest);
  return ["package.json", "package-lock.json", ...workspaces.map((name) => `${name}/package.json`)];
}

function sha256(content: string | Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
