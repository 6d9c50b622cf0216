import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { counted } from "../output/counted.ts";

export interface Licensed {
  readonly name: string;
  /** As the package declares it: in package.json, or where its distribution keeps it. */
  readonly licence: string;
  /** Licence, notice and copyright files of the package. */
  readonly texts: readonly string[];
}

const TEXT_FILE = /^(licen[cs]e|copying|copyright|notice|third.?party)/i;

/** npm takes a string, an object, and of old a list of objects. */
const declared = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
const manifestSchema = z.looseObject({
  name: z.string().optional(),
  version: z.string().optional(),
  license: declared.optional().catch(undefined),
  licenses: z.array(declared).optional().catch(undefined),
});

/** What packages say of their licences; a folder that is not there is left out (an optional package). */
export function readLicences(root: string, packages: readonly string[]): readonly Licensed[] {
  return packages
    .filter((path) => existsSync(join(root, path, "package.json")))
    .map((path) => {
      const folder = join(root, path);
      const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
      const texts = readdirSync(folder)
        .filter((file) => TEXT_FILE.test(file) && statSync(join(folder, file)).isFile())
        .sort()
        .map((file) => readFileSync(join(folder, file), "utf8").trim());
      return {
        name: `${manifest.name ?? path} ${manifest.version ?? ""}`.trim(),
        licence: manifest.license ?? manifest.licenses?.join(" or ") ?? "not declared",
        texts,
      };
    });
}

/** One document: every text once, below the packages that carry it, and then those that carry none. Pure. */
export function renderLicences(found: readonly Licensed[]): string {
  const packages = [...new Map(found.map((one) => [`${one.name}\n${one.texts.join("\n")}`, one])).values()].sort(
    (a, b) => (a.name < b.name ? -1 : 1),
  );
  const bearers = new Map<string, string[]>();
  for (const { name, licence, texts } of packages)
    for (const text of new Set(texts)) bearers.set(text, [...(bearers.get(text) ?? []), `${name} (${licence})`]);
  const bare = packages.filter(({ texts }) => texts.length === 0);
  const sections = [...bearers].map(([text, names]) => `${RULE}\n${names.join("\n")}\n\n${text}\n`);
  return [
    `Software of others in this bundle: ${counted(packages.length, "package")}, ${counted(bearers.size, "licence text")}.\n`,
    ...sections,
    `${RULE}\nWithout a licence text of their own; what their package declares:\n\n${bare.map(({ name, licence }) => `${name} (${licence})`).join("\n") || "none"}\n`,
  ].join("\n");
}

const RULE = "-".repeat(100);
