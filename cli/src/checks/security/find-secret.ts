import { createReadStream, statSync } from "node:fs";
import type { SecretName, SecretStore } from "../../state/secrets.ts";

export interface NamedSecret {
  readonly name: string;
  readonly value: string;
}

/** Every secret that is kept, by name. An empty one would be found everywhere, and is SEC-01's to say. */
export function namedSecrets(secrets: SecretStore): readonly NamedSecret[] {
  return secrets
    .names()
    .map((name) => ({ name, value: secrets.read(name as SecretName).reveal() }))
    .filter(({ value }) => value !== "");
}

const CHUNK_BYTES = 1024 * 1024;

/** The first secret that a file of any size holds, also across two chunks; null when it holds none, or is gone by now. */
export async function findInFile(path: string, secrets: readonly NamedSecret[]): Promise<NamedSecret | null> {
  const longest = Math.max(0, ...secrets.map(({ value }) => Buffer.byteLength(value)));
  let tail = Buffer.alloc(0);
  try {
    // A stream takes a whole buffer however small the file is, and a checkout has thousands of small files.
    const highWaterMark = Math.min(CHUNK_BYTES, statSync(path).size + 1);
    for await (const chunk of createReadStream(path, { highWaterMark })) {
      const seen = Buffer.concat([tail, chunk]);
      const found = secrets.find(({ value }) => seen.includes(value));
      if (found !== undefined) return found;
      tail = seen.subarray(Math.max(0, seen.length - longest + 1));
    }
  } catch (error) {
    // A log that was rotated away is searched under its new name by the next look.
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
  return null;
}
