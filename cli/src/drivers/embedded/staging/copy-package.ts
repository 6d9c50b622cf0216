import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import type { LockClosure } from "./lock-closure.ts";
import { isSource } from "./tree-hash.ts";

/** Copies source folders and files of the checkout, without tests, builds and installed packages. */
export function copySources(checkout: string, target: string, paths: readonly string[]): void {
  for (const path of paths) {
    if (!existsSync(join(checkout, path))) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(checkout, path), join(target, path), { recursive: true, filter: (from) => isSource(basename(from)) });
  }
}

/**
 * Copies the installed packages of a closure and links its workspaces, so that Node resolves them exactly as in the
 * checkout. Links stay links: Node strips types only outside node_modules.
 */
export function copyClosure(checkout: string, target: string, closure: LockClosure): void {
  for (const { path } of closure.packages) {
    const source = join(checkout, path);
    if (!existsSync(source)) continue;
    const nested = join(source, "node_modules");
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(source, join(target, path), { recursive: true, verbatimSymlinks: true, filter: (from) => from !== nested });
  }
  for (const { path, target: workspace } of closure.links) {
    if (existsSync(join(target, path))) continue;
    mkdirSync(dirname(join(target, path)), { recursive: true });
    symlinkSync(relative(dirname(path), workspace), join(target, path));
  }
}

/** The packages of a closure that are installed; an optional one may be left out on this machine. */
export function installedPins(checkout: string, closure: LockClosure): readonly string[] {
  return closure.packages
    .filter(({ path }) => existsSync(join(checkout, path)))
    .map(({ path, pin }) => `${path} ${pin}`);
}
