import { readFileSync } from "node:fs";
import { z } from "zod";

const dependencies = z.record(z.string(), z.string()).default({});
const packageSchema = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  link: z.boolean().default(false),
  dependencies,
  optionalDependencies: dependencies,
  peerDependencies: dependencies,
});
const lockSchema = z.object({ packages: z.record(z.string(), packageSchema) });

/** package-lock.json, version 3, as far as a closure needs it. */
export type PackageLock = z.infer<typeof lockSchema>;

export interface LockClosure {
  /** Places of the needed packages, sorted: "node_modules/fastify", "rag/node_modules/x". */
  readonly packages: readonly { readonly path: string; readonly pin: string }[];
  /** Workspace symlinks among them: "node_modules/@muster/board" → "board". */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

export function loadLock(path: string): PackageLock {
  return lockSchema.parse(JSON.parse(readFileSync(path, "utf8")));
}

/**
 * What one workspace needs at run time: its dependencies, optional ones and installed peers, and theirs, resolved
 * as Node resolves them. Workspaces it depends on come as links, with their own dependencies. Pure.
 */
export function productionClosure(lock: PackageLock, workspace: string): LockClosure {
  const packages = new Map<string, string>();
  const links = new Map<string, string>();
  const visited = new Set<string>();

  const visit = (place: string) => {
    if (visited.has(place)) return;
    visited.add(place);
    const from = lock.packages[place];
    if (from === undefined) return;
    for (const name of Object.keys({ ...from.dependencies, ...from.optionalDependencies, ...from.peerDependencies })) {
      const found = resolve(lock, place, name);
      if (found === null) continue;
      const { link, resolved, version, integrity } = found.entry;
      if (link && resolved !== undefined) {
        links.set(found.path, resolved);
        visit(resolved);
      } else {
        packages.set(found.path, `${version ?? ""} ${integrity ?? ""}`);
        visit(found.path);
      }
    }
  };
  visit(workspace);
  return {
    packages: [...packages].sort(byPath).map(([path, pin]) => ({ path, pin })),
    links: [...links].sort(byPath).map(([path, target]) => ({ path, target })),
  };
}

function byPath([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Node's lookup: the nearest node_modules on the way up. Null: an optional package that the lock leaves out. */
function resolve(lock: PackageLock, from: string, name: string) {
  for (let folder: string | null = from; folder !== null; folder = parentOf(folder)) {
    const path = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = lock.packages[path];
    if (entry !== undefined) return { path, entry };
  }
  return null;
}

function parentOf(folder: string): string | null {
  if (folder === "") return null;
  const cut = folder.lastIndexOf("/");
  const parent = cut < 0 ? "" : folder.slice(0, cut);
  return parent.endsWith("node_modules") ? (parentOf(parent) ?? "") : parent;
}
