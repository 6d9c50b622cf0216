/** The repository's own files, as its rules about itself read them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");
const SOURCE_FOLDERS = ["board/src", "cli/src", "rag/src", "portal", "directus/extension/src"];
const SKIPPED = new Set(["node_modules", ".next", "dist", "generated"]);
const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

export interface SourceFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

export function sourcesBelow(folder: string, kind = /\.tsx?$/): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesBelow(path, kind);
    return kind.test(entry.name) ? [{ path, text: readFileSync(join(ROOT, path), "utf8") }] : [];
  });
}

/** All code of ours but tests that cross packages and scripts. */
export const SOURCES = SOURCE_FOLDERS.flatMap((folder) => sourcesBelow(folder));
/** What runs on somebody's machine. */
export const SHIPPED = SOURCES.filter(({ path }) => !path.includes(".test."));

export function importsOf({ text }: SourceFile): readonly string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? "");
}

/** The workspace that a file belongs to. */
export function packageOf(path: string): string {
  return path.startsWith("directus/extension") ? "directus/extension" : (path.split("/")[0] ?? "");
}

/** Paths of the files that break a rule. */
export function offenders(files: readonly SourceFile[], breaks: (file: SourceFile) => boolean): readonly string[] {
  return files.filter(breaks).map(({ path }) => path);
}

/** Without the comments of TypeScript and SQL. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)(\/\/|--)(\s.*)?$/gm, "$1");
}
