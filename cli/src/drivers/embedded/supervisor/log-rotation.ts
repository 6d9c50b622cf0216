import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync } from "node:fs";

export interface RotationPolicy {
  readonly maxBytes: number;
  /** Older files kept beside the live one: `x.log.1` is the youngest. */
  readonly keep: number;
}

/** 10 MB × (1 + 3) per service: about 160 MB for the stack at the very most. */
export const ROTATION_POLICY: RotationPolicy = { maxBytes: 10 * 1024 * 1024, keep: 3 };

/**
 * Rotates a log that has grown past its limit. The process keeps its descriptor, so the live file is copied and
 * truncated, not renamed; it is opened for append, so it goes on at the start. Lines written between copy and
 * truncate are lost, which is accepted. True when it rotated.
 */
export function rotateLog(path: string, policy: RotationPolicy = ROTATION_POLICY): boolean {
  if (!existsSync(path) || statSync(path).size < policy.maxBytes) return false;
  rmSync(`${path}.${policy.keep}`, { force: true });
  for (let index = policy.keep - 1; index >= 1; index -= 1) {
    if (existsSync(`${path}.${index}`)) renameSync(`${path}.${index}`, `${path}.${index + 1}`);
  }
  copyFileSync(path, `${path}.1`);
  truncateSync(path, 0);
  return true;
}

const TAIL_BYTES = 8192;

/** The last line of a log that names an error, else the last line; "" when there is none. */
export function lastWords(path: string): string {
  if (!existsSync(path)) return "";
  const lines = readFileSync(path, "utf8")
    .slice(-TAIL_BYTES)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.findLast((line) => /\b(\w*error|fatal|panic)\b/i.test(line)) ?? lines.at(-1) ?? "";
}
