/**
 * A cache folder of a test's own that holds what a shared cache holds, without a copy: a link for each finished entry. npm's downloads are none: they
 * are written to by whoever runs npm, and get a place of their own here.
 */
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

export interface LinkedCache {
  readonly path: string;
  /** Folders of entries that were copied instead, because the test will harm them. */
  readonly copies: readonly string[];
}

/** `copied` names entries ("directus-extension") by their prefix. */
export function linkCache(shared: string, path: string, copied: readonly string[] = []): LinkedCache {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o711);
  const copies: string[] = [];
  if (!existsSync(shared)) return { path, copies };
  for (const name of readdirSync(shared)) {
    const [from, to] = [join(shared, name), join(path, name)];
    if (!existsSync(join(from, ".elk-os-complete"))) continue;
    if (copied.some((prefix) => name.startsWith(`${prefix}-`))) {
      cpSync(from, to, { recursive: true });
      copies.push(to);
    } else symlinkSync(from, to);
  }
  return { path, copies };
}

/** The launcher's Node and npm, too, which are no entry: an archive is packed from them. Without them it installs its own. */
export function linkToolchain(shared: string, path: string): void {
  for (const name of readdirSync(shared).filter((entry) => entry.startsWith("toolchain-")))
    if (existsSync(join(shared, name, ".complete"))) symlinkSync(join(shared, name), join(path, name));
}
