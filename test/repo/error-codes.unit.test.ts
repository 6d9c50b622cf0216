/** Every code of the catalogues has its line in the documents and a place that raises it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { BOARD_ERRORS } from "../../board/src/errors.ts";
import { RESTORE_FAULTS } from "../../board/src/trail/restore-record.ts";
import { CLI_ERRORS } from "../../cli/src/errors/catalog.ts";
import { RAG_ERRORS } from "../../rag/src/errors.ts";
import { ROOT, sourcesBelow, withoutComments } from "./source-files.ts";

const CATALOGUES = {
  cli: { codes: Object.keys(CLI_ERRORS), folders: ["cli/src"] },
  rag: { codes: Object.keys(RAG_ERRORS), folders: ["rag/src"] },
  board: { codes: Object.keys(BOARD_ERRORS), folders: ["board/src", "board/migrations", "directus/extension/src"] },
  trail: { codes: Object.keys(RESTORE_FAULTS), folders: ["board/src/trail", "cli/src"] },
};

/** Codes without a row of their own. */
function undocumented(codes: readonly string[], page: string): readonly string[] {
  return codes.filter((code) => !page.includes(`| ${code} |`));
}

/**
 * Is the code raised in this text? It is where an error is made of it (`new CliError("X"`, `refusalOf("X")`, `muster.fail('MU409', 'X'`), where
 * it is answered as a value's code (`code: "X"`, `'code', 'X'`, `fault = "X"`), or where a table turns a signal or a foreign code into it. A comparison, a list,
 * a comment and a longer code do not count.
 */
function isRaised(code: string, text: string): boolean {
  const quoted = `["']${code}["']`;
  const forms = [
    String.raw`\b(new \w*(Error|Refusal)|super|refusalOf|plain|fail)\([^;{}]*?${quoted}`,
    String.raw`\b(code|fault)["']?\s*[:=,]\s*${quoted}`,
    String.raw`\[\s*["'](?!MUSTER_)\w+["'],\s*${quoted}\s*\](?=\s*[,\]])|\bSIG[A-Z]+:\s*${quoted}`,
  ];
  return forms.some((form) => new RegExp(form).test(withoutComments(text)));
}

describe.each(Object.entries(CATALOGUES))("every code of %s", (_name, { codes, folders }) => {
  it("is documented", () => {
    expect(undocumented(codes, readFileSync(join(ROOT, "docs/errors.md"), "utf8"))).toEqual([]);
  });

  it("is raised somewhere", () => {
    const texts = folders
      .flatMap((folder) => sourcesBelow(folder, /\.(tsx?|sql)$/))
      .filter(({ path }) => !path.includes(".test."))
      .map(({ text }) => withoutComments(text));
    expect(codes.filter((code) => !texts.some((text) => isRaised(code, text)))).toEqual([]);
  });
});

it("a code is not documented by the row of a longer one", () => {
  expect(undocumented(["BACKUP", "BACKUP_INVALID"], "| BACKUP_INVALID | 11 |")).toEqual(["BACKUP"]);
});

it.each([
  'throw new CliError("A_CODE", {',
  'throw new CliError(isAway ? "OTHER" : "A_CODE", {',
  'throw new MigrationError(\n  "A_CODE",',
  'super("A_CODE", { message });',
  'next(refusalOf("A_CODE"));',
  "perform muster.fail('MU409', 'A_CODE',",
  'return { code: "A_CODE", status: 403 };',
  'const code = "A_CODE";',
  "jsonb_build_object('code', 'A_CODE')",
  '["23505", "A_CODE"],',
  'const SIGNALS = { SIGINT: "A_CODE" };',
])("a code is raised by: %s", (text) => {
  expect(isRaised("A_CODE", text)).toBe(true);
});

it.each([
  "  A_CODE: { exit: EXIT.usage },",
  'if (error.code === "A_CODE") throw error;',
  'if (error.code !== "A_CODE") return null;',
  'const PASSING = ["OTHER_CODE", "A_CODE"].includes(code);',
  "if answer #>> '{error,code}' in ('OTHER_CODE', 'A_CODE')",
  '// throw new CliError("A_CODE", {});',
  "-- perform muster.fail('MU409', 'A_CODE', 'no');",
  '/** `new CliError("A_CODE")` */',
  'throw new CliError("A_CODE_OF_ANOTHER", {',
  'throw new CliError("NOT_A_CODE", {',
  'new Error("gone");\nconst known = "A_CODE";',
])("a code is not raised by: %s", (text) => {
  expect(isRaised("A_CODE", text)).toBe(false);
});
