/** What the system packages of an image say of their licences: Debian's as files, Alpine's as a word in its database. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Driver, SavedImage } from "../drivers/driver.ts";
import type { Licensed } from "./licences.ts";

/** One file below each package's folder (Debian Policy 12.5). */
const DEBIAN_DOCS = "/usr/share/doc";
/** The texts that those files refer to (the same section). */
const DEBIAN_TEXTS = "/usr/share/common-licenses";
/** Blocks of lines "X:value", an empty line between two: P name, V version, L licence (apk's installed database). */
const ALPINE_DATABASE = "/lib/apk/db/installed";

/** Of every image, by what its distribution keeps; below `work` for as long as it takes. */
export async function readImageLicences(
  driver: Pick<Driver, "copyFromImage">,
  images: readonly SavedImage[],
  work: string,
  signal: AbortSignal,
): Promise<readonly Licensed[]> {
  const found: Licensed[] = [];
  for (const { reference } of images) {
    const folder = mkdtempSync(join(work, "image-"));
    try {
      const parts = { docs: DEBIAN_DOCS, texts: DEBIAN_TEXTS, alpine: ALPINE_DATABASE };
      for (const [name, path] of Object.entries(parts)) {
        mkdirSync(join(folder, name));
        await driver.copyFromImage(reference, path, join(folder, name), signal);
      }
      found.push(
        ...readDebianDocs(join(folder, "docs", "doc"), reference),
        ...readDebianTexts(join(folder, "texts", "common-licenses")),
        ...readAlpineDatabase(join(folder, "alpine", "installed"), reference),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return found;
}

/** A package whose folder is a link has the text of the one that it links to. */
function readDebianDocs(folder: string, reference: string): readonly Licensed[] {
  return namesIn(folder)
    .map((name) => ({ name, file: join(folder, name, "copyright") }))
    .filter(({ file }) => isFile(file))
    .map(({ name, file }) => ({
      name: `${name} in ${reference}`,
      licence: "as its copyright file says",
      texts: [readFileSync(file, "utf8").trim()],
    }));
}

/** The same in every image of one Debian, so that each stands there once. */
function readDebianTexts(folder: string): readonly Licensed[] {
  return namesIn(folder)
    .filter((name) => isFile(join(folder, name)))
    .map((name) => ({
      name: `Debian's copy of ${name}`,
      licence: name,
      texts: [readFileSync(join(folder, name), "utf8").trim()],
    }));
}

function readAlpineDatabase(file: string, reference: string): readonly Licensed[] {
  if (!isFile(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n\n")
    .map((block) => new Map(block.split("\n").map((line) => [line.slice(0, 1), line.slice(2)])))
    .filter((fields) => fields.has("P"))
    .map((fields) => ({
      name: `${fields.get("P")} ${fields.get("V") ?? ""} in ${reference}`,
      licence: fields.get("L") ?? "not declared",
      texts: [],
    }));
}

const namesIn = (folder: string): readonly string[] =>
  statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true ? readdirSync(folder).sort() : [];

/** False for a link that leads nowhere, since of the image only this folder was copied. */
const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
