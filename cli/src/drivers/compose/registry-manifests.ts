/** What a registry holds under a name: one image, or an index of one for each platform. Asked through Docker's own client, with its logins and mirrors. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { CliError } from "../../errors/cli-error.ts";
import { docker } from "./docker.ts";

/** A registry that does not answer is no error, and is asked once for each reference at its first pull. */
const ASK_MS = 20_000;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const platformSchema = z.object({ os: z.string(), architecture: z.string() });
const indexSchema = z.object({ manifests: z.array(z.object({ digest, platform: platformSchema.optional() })) });
const imageSchema = z.object({ config: z.object({ digest }) });

/** Digests of one platform's image: of its manifest, and of its configuration, by which an engine knows it. */
export interface RegistryImage {
  readonly manifest: string;
  readonly id: string;
}

/**
 * The platforms of an index, "linux/arm64" → digest of the image's manifest; null for what is no index. Entries for none (what BuildKit says of how an
 * image was built) are left out. Pure. @throws Error for a text that is no manifest
 */
export function readIndex(text: string): Readonly<Record<string, string>> | null {
  const parsed = indexSchema.safeParse(JSON.parse(text));
  if (!parsed.success) return null;
  return Object.fromEntries(
    parsed.data.manifests.flatMap(({ digest: manifest, platform }) =>
      platform === undefined || platform.os === "unknown"
        ? []
        : [[`${platform.os}/${platform.architecture}`, manifest] as const],
    ),
  );
}

/** The manifest under "repository@sha256:…"; null when no registry gives it. @throws CliError SERVICE_FAILED when it gives other bytes */
async function readManifest(name: string, signal: AbortSignal): Promise<string | null> {
  const text = await askRegistry(name, signal);
  const wanted = name.slice(name.indexOf("@") + 1);
  const actual = text === null ? wanted : `sha256:${createHash("sha256").update(text).digest("hex")}`;
  if (actual === wanted) return text;
  throw new CliError("SERVICE_FAILED", {
    message: `The registry gave ${actual} for ${name}.`,
    hint: "It is broken, or somebody stands in between: pull from another one (ELK_OS_IMAGE_*).",
  });
}

/** What stands under a name now, byte for byte; null when no registry says it, or Docker's Buildx plugin is not there. */
export async function askRegistry(name: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { stdout } = await docker(["buildx", "imagetools", "inspect", "--raw", name], {
      purpose: `The registry was asked for ${name}`,
      timeoutMs: ASK_MS,
      signal,
    });
    return stdout;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof CliError) return null;
    throw error;
  }
}

/**
 * Of "repository@sha256:…", by platform: the image that its index names; undefined where it names none, null where the registry does not say. Null
 * for the whole: it is no index, or nobody answers. @throws CliError SERVICE_FAILED
 */
export async function readPlatforms(
  name: string,
  platforms: readonly string[],
  signal: AbortSignal,
): Promise<Readonly<Record<string, RegistryImage | null>> | null> {
  const text = await readManifest(name, signal);
  const index = text === null ? null : readIndex(text);
  if (index === null) return null;
  const repository = name.slice(0, name.indexOf("@"));
  const found: Record<string, RegistryImage | null> = {};
  for (const platform of platforms) {
    const manifest = index[platform];
    if (manifest === undefined) continue;
    const image = await readManifest(`${repository}@${manifest}`, signal);
    found[platform] = image === null ? null : { manifest, id: imageSchema.parse(JSON.parse(image)).config.digest };
  }
  return found;
}
