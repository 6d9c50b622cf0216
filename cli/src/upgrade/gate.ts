/**
 * cli/upgrades.json of a release says from where it can be reached; it is read from the target before anything is written. A file, not code:
 * the release that is running must be able to read it.
 */
import { z } from "zod";

const version = z.string().regex(/^\d+\.\d+\.\d+$/, "must be a version such as 0.2.0");

const release = z.object({
  version,
  /** Oldest release that may go here in one step. */
  from: version,
  postgresMajor: z.int(),
  /** Free disk in MiB beside what the board's copies take. */
  freeDiskMb: z.int().min(0),
  /** What a person must do or know, a sentence each; asks for --yes when there is any. */
  manual: z.array(z.string()),
});
export type Gate = z.infer<typeof release>;

/** Later fields are for later releases: what is not known here is ignored. */
const gateFile = z.object({ schema: z.literal("muster.upgrades/1"), releases: z.array(release) });

/** The entry of `wanted`, or why there is none. Pure. */
export function readGate(text: string | null, wanted: string): Gate | { readonly problem: string } {
  if (text === null) return { problem: "it has no cli/upgrades.json: it is older than upgrades are" };
  const parsed = gateFile.safeParse(parseJson(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `its cli/upgrades.json is not valid: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}` };
  }
  const gate = parsed.data.releases.find((entry) => entry.version === wanted);
  return gate ?? { problem: `its cli/upgrades.json has no entry for ${wanted}` };
}

/** Negative when `a` is older than `b`, 0 when they are the same. Pure. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => text.split(".").map(Number)) as [number[], number[]];
  return [0, 1, 2].map((part) => (x[part] ?? 0) - (y[part] ?? 0)).find((difference) => difference !== 0) ?? 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What is no JSON fails the schema.
    return undefined;
  }
}
