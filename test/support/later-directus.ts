/**
 * A release that runs a patch of Directus above the pinned one. 12.4.1 is the only one of this major version: every release before 12.4.0 remakes a
 * foreign key when only its form is changed, which its role may not (`must be owner of table os_agents`).
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CHECKOUT } from "./stack.ts";

const RUNTIME = "directus/runtime";
const REGISTRY_TIMEOUT_MS = 60_000;

const entries = z.record(z.string(), z.looseObject({}));
/**
 * What differs in `directus/runtime`: entries of the lock, and overrides. 12.4.1 asks for a version of its Studio that the registry does not have; the
 * override gives it the Studio of 12.4.0.
 */
const patch = z.strictObject({
  from: z.string(),
  to: z.string(),
  overrides: z.record(z.string(), z.string()),
  packages: entries,
});
const pinned = z.looseObject({ dependencies: z.looseObject({ directus: z.string() }) });
const manifestSchema = pinned.extend({ overrides: z.record(z.string(), z.string()) });
const lockSchema = z.looseObject({ packages: z.looseObject({ "": pinned }) });

export interface DirectusPatch {
  readonly from: string;
  readonly to: string;
  /** What the release changes: text by path in the checkout. */
  readonly files: Readonly<Record<string, string>>;
}

const read = (path: string): unknown => JSON.parse(readFileSync(join(CHECKOUT, path), "utf8"));

/** @throws Error when the pin of this checkout is another than the one that the patch is for */
export function laterDirectus(): DirectusPatch {
  const { from, to, overrides, packages } = patch.parse(read("test/fixtures/later-directus.json"));
  const manifest = manifestSchema.parse(read(`${RUNTIME}/package.json`));
  const lock = lockSchema.parse(read(`${RUNTIME}/package-lock.json`));
  if (manifest.dependencies.directus !== from) {
    throw new Error(
      `test/fixtures/later-directus.json is a patch of ${from}, pinned is ${manifest.dependencies.directus}.`,
    );
  }
  const pin = <T extends z.infer<typeof pinned>>(entry: T): T => ({
    ...entry,
    dependencies: { ...entry.dependencies, directus: to },
  });
  const later = {
    "package.json": { ...pin(manifest), overrides: { ...manifest.overrides, ...overrides } },
    "package-lock.json": { ...lock, packages: { ...lock.packages, ...packages, "": pin(lock.packages[""]) } },
  };
  const files = Object.entries(later).map(([name, value]) => [
    `${RUNTIME}/${name}`,
    `${JSON.stringify(value, null, 2)}\n`,
  ]);
  return { from, to, files: Object.fromEntries(files) };
}

/** Why npm cannot have it here; null when it can. */
export function whyNotToBeHad({ to }: DirectusPatch): string | null {
  try {
    execFileSync("npm", ["view", `directus@${to}`, "version"], { stdio: "ignore", timeout: REGISTRY_TIMEOUT_MS });
    return null;
  } catch {
    return `npm does not get Directus ${to} from its registry`;
  }
}
