import { createHash } from "node:crypto";

/**
 * Hash of the content of a seed, as hex sha256. Layout and the order of keys do not count; the order of rows does.
 * Times are hashed as written, so an offset gives the same hash on every day. Pure.
 */
export function hashSeed(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex");
}

/** One hash for a whole profile's seed, from the hashes of its parts. */
export function hashAll(hashes: Readonly<Record<string, string>>): string {
  return hashSeed(hashes);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value)
    .filter(([, inner]) => inner !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`);
  return `{${entries.join(",")}}`;
}
