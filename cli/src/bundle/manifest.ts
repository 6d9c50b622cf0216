import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CliError } from "../errors/cli-error.ts";

/** Another number is another format, which this release does not read. */
export const FORMAT = "muster.bundle/1";

/** Folder in the checkout that holds what was prebuilt; its files are named from the checkout's root, as in the manifest. */
export const BUNDLE = "bundle";
export const MANIFEST = `${BUNDLE}/manifest.json`;
/** For `sha256sum -c`, by which the launcher reads it, too. */
export const MANIFEST_SUM = `${BUNDLE}/manifest.sha256`;
/** Only where the driver has images. */
export const IMAGES = `${BUNDLE}/images.tar`;
/** First in the archive: the digest of all that comes behind it. */
export const DIGEST = `${BUNDLE}/digest`;
/** Written beside package.json, as there is no git folder that could tell the commit. */
export const RELEASE = "release.json";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const fileName = z.string().regex(/^bundle\/[a-z0-9][\w.-]*$/);

const machineSchema = z.strictObject({
  /** Node's name of it. */
  architecture: z.string(),
  /** "glibc" or "musl", and the version that the native packages were built against, or ask for; null where nobody says it. */
  libc: z.string(),
  libcVersion: z.string().nullable(),
});
export type Machine = z.infer<typeof machineSchema>;

export const manifestSchema = z
  .strictObject({
    format: z.literal(FORMAT),
    version: z.string(),
    commit: z.string().regex(/^[0-9a-f]{40,64}$/),
    ...machineSchema.shape,
    /** Node that everything was built by, and that the toolchain holds. */
    node: z.string(),
    driver: z.enum(["embedded", "compose"]),
    /** What was not compiled for that machine, each with what is without it. */
    leftOut: z.array(z.string()),
    /** Folders of the cache. */
    entries: z.array(
      z.strictObject({
        name: z.string().regex(/^[a-z0-9][\w.-]*$/),
        key: sha256,
        proof: z.array(z.string()),
        file: fileName,
      }),
    ),
    /** What the compose driver's engine is given, from `IMAGES`; empty for the embedded driver. */
    images: z.array(z.strictObject({ reference: z.string(), id: z.string().regex(/^sha256:[0-9a-f]{64}$/) })),
    /** Digest of each file in `bundle/` but the manifest. */
    files: z.record(fileName, sha256),
  })
  .refine(
    ({ entries, images, files }) =>
      [...entries.map(({ file }) => file), ...images.map(() => IMAGES)].every((file) => file in files),
    {
      error: "names a file without a digest",
    },
  );

export type Manifest = z.infer<typeof manifestSchema>;

/** @throws CliError BUNDLE_FOREIGN for another format, BUNDLE_INVALID for what is no manifest */
export function parseManifest(text: string, label: string): Manifest {
  const value = parseJson(text);
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const format = z.object({ format: z.string() }).safeParse(value);
  if (format.success && format.data.format !== FORMAT) {
    throw new CliError("BUNDLE_FOREIGN", {
      message: `${label} is of format ${format.data.format}; this release reads ${FORMAT}.`,
      hint: "Unpack it with tar and run the bin/elk-os in it: a bundle brings the release that reads it.",
      facts: { format: format.data.format, known: FORMAT },
    });
  }
  throw new CliError("BUNDLE_INVALID", {
    message: `The manifest of ${label} is not one: ${parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ")}.`,
    hint: "Copy the bundle again from where it was exported.",
    cause: parsed.error,
  });
}

/** What a checkout that was unpacked from a bundle says of itself; null in a clone. */
export function readRelease(checkout: string): { readonly version: string; readonly commit: string } | null {
  const path = join(checkout, RELEASE);
  if (!existsSync(path)) return null;
  return z.object({ version: z.string(), commit: z.string() }).parse(JSON.parse(readFileSync(path, "utf8")));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
