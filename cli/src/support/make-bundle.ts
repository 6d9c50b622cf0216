import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CliError } from "../errors/cli-error.ts";
import { runCommand } from "../host/run.ts";
import type { SecretStore } from "../state/secrets.ts";
import { type Redact, secretForms } from "./redact.ts";

const TAR_TIMEOUT_MS = 60_000;

export interface BundleInput {
  /** Folder in which the archive is made; closed to others. */
  readonly folder: string;
  readonly id: string;
  /** Text by file name. */
  readonly files: Readonly<Record<string, string>>;
  readonly secrets: SecretStore;
  readonly redact: Redact;
  readonly signal: AbortSignal;
}

/**
 * Writes the files, redacted, and packs them. What was written is then read again and searched for every secret in every form: redaction is not
 * believed. @throws CliError SECRET_LEAKED, and nothing is kept then
 */
export async function makeBundle(input: BundleInput): Promise<{ readonly archive: string; readonly sha256: string }> {
  const { folder, id, files, secrets, redact, signal } = input;
  const place = join(folder, id);
  const archive = `${place}.tar.gz`;
  mkdirSync(place, { recursive: true, mode: 0o700 });
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), redact(text), { mode: 0o600 });
    assertClean(place, secrets);
    await runCommand(["tar", "-C", folder, "-czf", archive, id], {
      purpose: "tar could not pack the bundle",
      timeoutMs: TAR_TIMEOUT_MS,
      signal,
    });
  } catch (error) {
    rmSync(archive, { force: true });
    throw error;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
  return { archive, sha256: createHash("sha256").update(readFileSync(archive)).digest("hex") };
}

function assertClean(place: string, secrets: SecretStore): void {
  const forms = secretForms(secrets);
  for (const name of existsSync(place) ? readdirSync(place) : []) {
    const text = readFileSync(join(place, name), "utf8");
    const leak = forms.find(({ form }) => text.includes(form));
    if (leak === undefined) continue;
    throw new CliError("SECRET_LEAKED", {
      message: `${name} of the bundle still holds secrets/${leak.name} after redaction; the bundle was removed.`,
      hint: "This is a fault of elk-os: report it without the bundle. Rotate that secret if a log shows it.",
      facts: { file: name, secret: leak.name },
    });
  }
}
