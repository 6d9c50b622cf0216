/** Where backups lie: a folder each, made under a temporary name, so that one under its real name was made to the end. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { type Manifest, manifestSchema, type Proof, proofSchema } from "./manifest.ts";

export const MANIFEST = "manifest.json";
export const PROOF = "verified.json";
export const TEMPORARY = ".tmp-";

export interface Backup {
  readonly id: string;
  readonly folder: string;
  readonly manifest: Manifest;
  /** Null when it was never restored and compared, or changed since. */
  readonly proof: Proof | null;
  readonly bytes: number;
}

/** "20261122T190512Z": sorts by time, and says it. */
export function backupId(now: Date): string {
  return `${now
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replace(/[-:]/g, "")}`;
}

/** Newest first; what an interrupted run left behind is no backup. */
export function listBackups(folder: string): readonly Backup[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith(TEMPORARY) && existsSync(join(folder, name, MANIFEST)))
    .sort()
    .reverse()
    .map((id) => readBackup(join(folder, id)));
}

/** `wanted` is an id, or "latest". @throws CliError BACKUP_UNKNOWN, BACKUP_INVALID */
export function getBackup(folder: string, wanted: string): Backup {
  const ids = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => !name.startsWith(TEMPORARY))
        .sort()
    : [];
  const id = wanted === "latest" ? ids.at(-1) : ids.find((candidate) => candidate === wanted);
  if (id === undefined) {
    throw new CliError("BACKUP_UNKNOWN", {
      message:
        ids.length === 0 ? "There is no backup yet." : `There is no backup "${wanted}"; the newest is ${ids.at(-1)}.`,
      hint: ids.length === 0 ? "elk-os backup create" : "elk-os backup list",
    });
  }
  return readBackup(join(folder, id));
}

function readBackup(folder: string): Backup {
  const path = join(folder, MANIFEST);
  const parsed = existsSync(path) ? manifestSchema.safeParse(parseJson(readFileSync(path, "utf8"))) : null;
  if (parsed?.success !== true) {
    throw new CliError("BACKUP_INVALID", {
      message: `${path} is missing or damaged.`,
      hint: "This backup cannot be used: elk-os backup list shows the others.",
    });
  }
  const manifest = parsed.data;
  const bytes = manifest.tables.reduce((sum, table) => sum + table.bytes, statSync(path).size);
  return { id: manifest.id, folder, manifest, proof: readProof(folder), bytes };
}

export function manifestDigest(folder: string): string {
  return createHash("sha256")
    .update(readFileSync(join(folder, MANIFEST)))
    .digest("hex");
}

function readProof(folder: string): Proof | null {
  const path = join(folder, PROOF);
  if (!existsSync(path)) return null;
  const parsed = proofSchema.safeParse(parseJson(readFileSync(path, "utf8")));
  return parsed.success && parsed.data.manifestSha256 === manifestDigest(folder) ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
