import { createHash } from "node:crypto";
import { basename, join } from "node:path";

/**
 * The default instance name: the checkout's folder name plus eight hex digits of its real path, so that two
 * checkouts never share a state folder. `bin/elk-os` computes the same before Node exists; keep both in step.
 */
export function defaultInstance(checkout: string): string {
  const name = basename(checkout)
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "-")
    .replace(/^-+/, "")
    .slice(0, 40);
  const digest = createHash("sha256").update(checkout).digest("hex").slice(0, 8);
  return name === "" ? `muster-${digest}` : `${name}-${digest}`;
}

/** Root keeps state in /var/lib because its services run as another user, who cannot enter a 0700 home. */
export function defaultStateDir(input: { checkout: string; instance: string; isRoot: boolean }): string {
  return input.isRoot ? join("/var/lib/elk-os", input.instance) : join(input.checkout, ".elk-os");
}
