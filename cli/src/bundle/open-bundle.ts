import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { fileDigest } from "../host/file-digest.ts";
import { runCommand } from "../host/run.ts";
import type { Argv } from "../host/run-piped.ts";
import { FIRST_MEMBER_BYTES, readFirstMember } from "./first-member.ts";
import { BUNDLE, DIGEST, MANIFEST, MANIFEST_SUM, type Manifest, parseManifest } from "./manifest.ts";

/** A bundle whose every byte was compared. */
export interface Bundle {
  readonly manifest: Manifest;
  /** A command whose output is one of its files. */
  read(file: string): Argv;
}

/** Looking for one file among two thousand. */
const LOOK_TIMEOUT_MS = 60_000;
const HINT =
  "Copy the bundle again from where it was exported, and compare its sha256 with what `elk-os bundle export` printed.";

/** Opens an archive, or the folder that one was unpacked to. Writes nothing. @throws CliError BUNDLE_INVALID, BUNDLE_FOREIGN */
export async function openBundle(path: string, signal: AbortSignal): Promise<Bundle> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw invalid(`There is no ${path}.`);
  return stat.isDirectory() ? openFolder(path) : openArchive(path, signal);
}

/** The code of an unpacked bundle already runs, and memory/ and log/ go on; so only what it brings beside them is compared. */
async function openFolder(folder: string): Promise<Bundle> {
  const place = (name: string) => join(folder, name);
  if (!existsSync(place(MANIFEST)) || !existsSync(place(MANIFEST_SUM)))
    throw invalid(`${folder} was not unpacked from a bundle: it has no ${MANIFEST}.`);
  const text = readFileSync(place(MANIFEST), "utf8");
  if (readFileSync(place(MANIFEST_SUM), "utf8") !== sumLine(text))
    throw invalid(`${place(MANIFEST)} is not what was exported.`);
  const manifest = parseManifest(text, folder);
  for (const [file, wanted] of Object.entries(manifest.files)) {
    if (!existsSync(place(file))) throw invalid(`${place(file)} is missing.`);
    const actual = await fileDigest(place(file));
    if (actual !== wanted) throw invalid(`${place(file)} is not what was exported: sha256 ${actual}, not ${wanted}.`);
  }
  return { manifest, read: (file) => ["cat", place(file)] };
}

async function openArchive(path: string, signal: AbortSignal): Promise<Bundle> {
  const first = readFirstMember(readHead(path));
  const root = first?.name.endsWith(`/${DIGEST}`) === true ? first.name.slice(0, -`/${DIGEST}`.length) : null;
  if (first === null || root === null) throw invalid(`${path} does not begin as a bundle does.`);
  const actual = await fileDigest(path, FIRST_MEMBER_BYTES);
  if (`${actual}\n` !== first.text)
    throw invalid(`${path} is torn or was altered: what is in it is not what was exported.`);
  const { stdout } = await runCommand(["tar", "-xOf", path, `${root}/${MANIFEST}`], {
    purpose: `${path} has no manifest`,
    timeoutMs: LOOK_TIMEOUT_MS,
    signal,
  });
  return { manifest: parseManifest(stdout, path), read: (file) => ["tar", "-xOf", path, `${root}/${file}`] };
}

/** What `sha256sum` would say of the manifest from within its folder. */
export function sumLine(manifest: string): string {
  return `${createHash("sha256").update(manifest).digest("hex")}  ${MANIFEST.slice(BUNDLE.length + 1)}\n`;
}

function readHead(path: string): Buffer {
  const head = Buffer.alloc(FIRST_MEMBER_BYTES);
  const file = openSync(path, "r");
  try {
    return head.subarray(0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

function invalid(message: string): CliError {
  return new CliError("BUNDLE_INVALID", { message: `${message} Nothing was changed.`, hint: HINT });
}
