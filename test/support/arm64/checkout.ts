/** A checkout in which the packages of both architectures are installed: its own sources, and links to what is installed already. */
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { copyCommitted } from "../copy-checkout.ts";
import { CHECKOUT } from "../stack.ts";

/** `to` does not exist yet. `added`: folders of packages that are none of this machine's. */
export function linkCheckout(to: string, added: readonly string[]): void {
  copyCommitted(to);
  const [from, modules] = [join(CHECKOUT, "node_modules"), join(to, "node_modules")];
  for (const name of readdirSync(from)) {
    if (!name.startsWith("@")) {
      link(join(from, name), join(modules, name));
      continue;
    }
    // Links of npm's own lead to the workspaces beside them: those must be this checkout's.
    for (const part of readdirSync(join(from, name)))
      link(name === "@muster" ? workspaceOf(to, part) : join(from, name, part), join(modules, name, part));
  }
  for (const path of added) link(path, join(modules, basename(dirname(path)), basename(path)));
}

function workspaceOf(checkout: string, name: string): string {
  return [join(checkout, name), join(checkout, "directus", "extension")].find((path) => existsSync(path)) ?? checkout;
}

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}
