import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { parseRendered } from "../constitution/render.ts";
import { CliError } from "../errors/cli-error.ts";
import type { WiredFile } from "./wired-files.ts";

const document = z.record(z.string(), z.unknown());

/**
 * The same files, fitted into a folder that has some already. JSON is merged: what others put there stays. A
 * constitution that is not ours is never replaced.
 * @throws CliError AGENT_INVALID naming the file that is in the way; nothing is written then.
 */
export function fitIntoFolder(files: readonly WiredFile[]): readonly WiredFile[] {
  return files.map((file) => {
    if (!existsSync(file.path)) return file;
    const present = readFileSync(file.path, "utf8");
    if (file.path.endsWith(".json")) return { path: file.path, text: mergeJson(file, present) };
    if (parseRendered(present) !== null) return file;
    throw inTheWay(file.path, "It holds rules that elk-os did not write.");
  });
}

function mergeJson(file: WiredFile, present: string): string {
  const parsed = document.safeParse(parseOrNull(present));
  if (!parsed.success) throw inTheWay(file.path, "It is not a JSON object.");
  return `${JSON.stringify(merge(parsed.data, JSON.parse(file.text)), null, 2)}\n`;
}

/** Objects are merged key by key and lists as sets; where both have a plain value, ours stands. */
export function merge(present: unknown, ours: unknown): unknown {
  if (Array.isArray(present) && Array.isArray(ours)) return [...new Set([...present, ...ours])];
  const [left, right] = [document.safeParse(present), document.safeParse(ours)];
  if (!left.success || !right.success || Array.isArray(ours)) return ours;
  const merged = { ...left.data };
  for (const [key, value] of Object.entries(right.data))
    merged[key] = key in merged ? merge(merged[key], value) : value;
  return merged;
}

function parseOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses null with the sentence that the caller shows.
    return null;
  }
}

function inTheWay(path: string, why: string): CliError {
  return new CliError("AGENT_INVALID", {
    message: `${path} is in the way. ${why}`,
    hint: "Move it aside, or take over by hand what you need from the agent's folder in the state folder's wire/.",
    facts: { path },
  });
}
