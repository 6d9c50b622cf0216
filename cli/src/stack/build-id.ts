import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readRelease } from "../bundle/manifest.ts";

/** The commit of the checkout (12 hex digits) by its git folder or by the bundle that it was unpacked from, else "dev". Needs no git binary. */
export function buildId(checkout: string): string {
  const git = join(checkout, ".git");
  const head = readIfPresent(join(git, "HEAD"));
  if (head === null) return readRelease(checkout)?.commit.slice(0, 12) ?? "dev";
  const reference = /^ref: (.+)$/.exec(head)?.[1];
  if (reference === undefined) return head.slice(0, 12);
  const loose = readIfPresent(join(git, reference));
  if (loose !== null) return loose.slice(0, 12);
  const packed = readIfPresent(join(git, "packed-refs")) ?? "";
  return (
    packed
      .split("\n")
      .find((line) => line.endsWith(` ${reference}`))
      ?.slice(0, 12) ?? "dev"
  );
}

function readIfPresent(path: string): string | null {
  return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
}
