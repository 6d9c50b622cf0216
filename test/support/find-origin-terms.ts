import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

/**
 * squeezed: found whatever its case, and whatever stands between its letters (spaces, hyphens, dots, zero-width marks).
 * word: too short for that; found in any case where it stands alone, as in `AE-tasks.json` or `ae seed`.
 */
const termsSchema = z.array(z.strictObject({ term: z.string(), match: z.enum(["squeezed", "word"]) }));
const TERMS = termsSchema.parse(JSON.parse(readFileSync(new URL("origin-terms.json", import.meta.url), "utf8")));

/** Origin terms in a text, as they stand in the list. Pure. */
export function findOriginTerms(text: string): string[] {
  const squeezed = squeeze(text);
  return TERMS.filter(({ term, match }) =>
    match === "squeezed"
      ? squeezed.includes(squeeze(term))
      : new RegExp(`(?<![\\p{L}\\p{N}])${term}(?![\\p{L}\\p{N}])`, "iu").test(text),
  ).map(({ term }) => term);
}

/** Every origin term below a folder, in file names and in contents, as `path: term`. JSON is also read unescaped. */
export function findOriginTermsBelow(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.flatMap((name) => {
    const file = path.join(folder, name);
    const texts = statSync(file).isFile() ? readTexts(file) : [];
    const found = [name, ...texts].flatMap(findOriginTerms);
    return [...new Set(found)].map((term) => `${name}: ${term}`);
  });
}

function readTexts(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return file.endsWith(".json") ? [text, JSON.stringify(JSON.parse(text))] : [text];
}

function squeeze(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}
