import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { BOARD_ERRORS } from "../board/src/errors.ts";
import { CHECKS } from "../cli/src/checks/index.ts";
import { COMMANDS } from "../cli/src/commands/index.ts";
import { CLI_ERRORS } from "../cli/src/errors/catalog.ts";
import { PHASES } from "../cli/src/phases/index.ts";
import { PHASE_IDS } from "../cli/src/phases/phase.ts";
import { RAG_ERRORS } from "../rag/src/errors.ts";

const ROOT = join(import.meta.dirname, "..");
const SOURCE_FOLDERS = ["board/src", "cli/src", "rag/src", "portal", "directus/extension/src"];
const SKIPPED = new Set(["node_modules", ".next", "dist", "generated"]);

interface SourceFile {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

function sourcesBelow(folder: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sourcesBelow(path);
    return /\.tsx?$/.test(entry.name) ? [{ path, text: readFileSync(join(ROOT, path), "utf8") }] : [];
  });
}

const SOURCES = SOURCE_FOLDERS.flatMap(sourcesBelow);
const SHIPPED = SOURCES.filter(({ path }) => !/\.(unit|integration)\.test\.tsx?$/.test(path));
const IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

function importsOf({ text }: SourceFile): readonly string[] {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? "");
}

const packageOf = (path: string): string =>
  path.startsWith("directus/extension") ? "directus/extension" : (path.split("/")[0] ?? "");
const offenders = (files: readonly SourceFile[], isWrong: (file: SourceFile) => boolean) =>
  files.filter(isWrong).map(({ path }) => path);

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");

describe("import directions", () => {
  /** What each package may import of ours, by package name. */
  const ALLOWED: Readonly<Record<string, readonly string[]>> = {
    board: [],
    cli: ["@muster/board"],
    rag: ["@muster/board"],
    portal: ["@muster/board"],
    "directus/extension": ["@muster/board"],
  };

  it("packages import only board, and only by its name", () => {
    const wrong = SHIPPED.flatMap((file) =>
      importsOf(file)
        .filter((target) => {
          if (target.startsWith("."))
            return packageOf(relative(ROOT, resolve(ROOT, dirname(file.path), target))) !== packageOf(file.path);
          const ours = target.startsWith("@muster/") ? target.split("/").slice(0, 2).join("/") : null;
          return ours !== null && !(ALLOWED[packageOf(file.path)] ?? []).includes(ours);
        })
        .map((target) => `${file.path} → ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("only host starts processes", () => {
    const wrong = offenders(SHIPPED, (file) => {
      const starts = importsOf(file).some((target) => target === "execa" || /^(node:)?child_process$/.test(target));
      return starts && !/^(cli|rag)\/src\/host\//.test(file.path);
    });
    expect(wrong).toEqual([]);
  });
});

describe("edges", () => {
  it("only main.ts of the CLI exits", () => {
    const entries = ["cli/src/main.ts", "rag/src/server.ts", "cli/src/drivers/embedded/supervisor/supervisor-main.ts"];
    expect(offenders(SHIPPED, ({ path, text }) => /process\.exit\(/.test(text) && !entries.includes(path))).toEqual([]);
  });

  it("only output prints, and services print through their logger", () => {
    const writers = ["cli/src/output/", "cli/src/host/run-visible.ts"];
    const wrong = offenders(
      SHIPPED.filter(({ path }) => path.startsWith("cli/")),
      ({ path, text }) =>
        /console\.|process\.std(out|err)\b/.test(text) && !writers.some((allowed) => path.startsWith(allowed)),
    );
    expect(wrong).toEqual([]);
  });

  it("the environment is read in one file per package", () => {
    const readers = SHIPPED.filter(({ text }) => /process\.env\b/.test(text)).map(({ path }) => path);
    const counts = Map.groupBy(readers, packageOf);
    expect([...counts.values()].filter((files) => files.length > 1)).toEqual([]);
  });

  it("SQL stands in .sql files", () => {
    // The extension is one file and can read no other; its one call is put together from the names of the law's functions.
    expect(offenders(SHIPPED, holdsSql)).toEqual(["directus/extension/src/law.ts"]);
  });

  it.each([
    'await client.query("commit");',
    "await client.query<{ n: number }>(`\n  table os_tasks`);",
    "context.database.raw('vacuum')",
    'const text = "with recent as (select 1) select * from recent";',
    'const text = "update muster.leases set holder = null";',
    'const text = "drop table if exists os_tasks";',
    'const text = "truncate muster.queue";',
    'const text = "call muster.sweep()";',
    'const text = "set local role muster_owner";',
    'const text = "start transaction isolation level serializable";',
    'const text = `select "id" from os_tasks`;',
    'const text = "revoke all on os_tasks from public";',
  ])("finds the SQL in: %s", (text) => {
    expect(holdsSql({ path: "cli/src/example.ts", text })).toBe(true);
  });

  it.each([
    'client.query(readSql("transaction.commit"));',
    'const hint = "Drop it, or move it into a database of its own.";',
    'const hint = "Set ELK_OS_NODE to Node 24.7 or newer.";',
    'const guard = "With risk medium or high, the model family differs.";',
    'const flag = { flags: "--commit <sha>", to: "commit" };',
    '// "drop table os_tasks" would be refused',
  ])("leaves alone: %s", (text) => {
    expect(holdsSql({ path: "cli/src/example.ts", text })).toBe(false);
  });
});

/** The beginning of a string that is a statement: words that prose does not put together so. */
const STATEMENT = new RegExp(
  `["'\`]\\s*(${[
    String.raw`select\s+[\w*("$']`,
    String.raw`with\s+(recursive\s+)?\w+\s*(\([^)]*\)\s*)?as\s+(not\s+|materialized\s+)*\(`,
    String.raw`insert\s+into\s`,
    String.raw`update\s+(only\s+)?[\w."]+\s+((as\s+)?\w+\s+)?set\s`,
    String.raw`delete\s+from\s`,
    String.raw`merge\s+into\s`,
    String.raw`truncate\s+\S`,
    String.raw`(create|drop)\s+(or\s+replace\s+|unique\s+|temp(orary)?\s+|unlogged\s+|materialized\s+)*(table|role|user|database|schema|view|index|function|procedure|trigger|type|sequence|extension|policy|owned)\s`,
    String.raw`alter\s+\w+\s`,
    String.raw`(grant|revoke)\s[\w\s,]+\s(on|to|from)\s`,
    String.raw`(re)?set\s+(local|role|session|constraints|transaction)\b`,
    String.raw`(begin|commit|rollback|start)\s+(work|transaction|isolation|to\s+savepoint)\b`,
    String.raw`(call|perform)\s+[\w.]+\(`,
    String.raw`(refresh\s+materialized|comment\s+on|lock\s+table|vacuum\s|reindex\s|values\s*\()`,
  ].join("|")})`,
  "i",
);
/** Whatever is handed to a connection as a literal is SQL, be it a single word. */
const LITERAL_QUERY = /\.(query|raw)\s*(<[^()]*>)?\(\s*["'`]/;

function holdsSql({ text }: SourceFile): boolean {
  const code = withoutComments(text);
  return STATEMENT.test(code) || LITERAL_QUERY.test(code);
}

describe("shape", () => {
  it("no file is longer than 300 lines, no test longer than 400", () => {
    const limit = (path: string) => (path.includes(".test.") ? 400 : 300);
    const all = [...SOURCES, ...sourcesBelow("test"), ...sourcesBelow("scripts")];
    expect(offenders(all, ({ path, text }) => text.split("\n").length > limit(path))).toEqual([]);
  });

  it("no folder or file is a grab bag", () => {
    const grabBag = /(^|\/)(utils?|helpers?|common|misc|lib)(\.tsx?|\/)/;
    expect(offenders(SOURCES, ({ path }) => grabBag.test(path))).toEqual([]);
  });

  it("index.ts exists only as a registry or a package's public face", () => {
    const registries = [
      "board/src",
      "cli/src/checks",
      "cli/src/commands",
      "cli/src/drivers",
      "cli/src/drivers/embedded/staging",
      "cli/src/phases",
      "cli/src/services",
      "cli/src/suites",
    ];
    const wrong = offenders(SHIPPED, ({ path }) => path.endsWith("/index.ts") && !registries.includes(dirname(path)));
    expect(wrong).toEqual([]);
  });

  it("shipped code has no any and no non-null assertion switched on by a comment", () => {
    expect(offenders(SHIPPED, ({ text }) => /@ts-(ignore|expect-error|nocheck)|biome-ignore-all/.test(text))).toEqual(
      [],
    );
  });
});

describe("registries", () => {
  const duplicates = (ids: readonly string[]) => ids.filter((id, index) => ids.indexOf(id) !== index);

  it("ids of checks, commands and steps are unique", () => {
    expect(duplicates(CHECKS.map(({ id }) => id))).toEqual([]);
    expect(duplicates(COMMANDS.map(({ name }) => name))).toEqual([]);
    expect(duplicates(PHASES.flatMap(({ steps }) => steps.map(({ id }) => id)))).toEqual([]);
  });

  it("a check stands below everything it depends on", () => {
    const order = new Map(CHECKS.map(({ id }, index) => [id, index]));
    const wrong = CHECKS.flatMap(({ id, dependsOn }, index) =>
      dependsOn
        .filter((other) => (order.get(other) ?? Number.POSITIVE_INFINITY) >= index)
        .map((other) => `${id} → ${other}`),
    );
    expect(wrong).toEqual([]);
  });

  it("every step is proven by checks that exist, and every check says how to mend it", () => {
    const ids = new Set(CHECKS.map(({ id }) => id));
    for (const step of PHASES.flatMap(({ steps }) => steps)) {
      expect(step.proves.length, step.id).toBeGreaterThan(0);
      expect(
        step.proves.filter((id) => !ids.has(id)),
        step.id,
      ).toEqual([]);
    }
    expect(CHECKS.filter(({ fix }) => fix.summary.length < 5).map(({ id }) => id)).toEqual([]);
  });

  it("phases come in boot order, after what they need", () => {
    expect([...PHASES.map(({ id }) => id), "doctor"]).toEqual([...PHASE_IDS]);
    PHASES.forEach((phase, index) => {
      const before = PHASES.slice(0, index).map(({ id }) => id);
      expect(
        phase.needs.filter((id) => !before.includes(id)),
        phase.id,
      ).toEqual([]);
    });
  });
});

describe("error codes", () => {
  const documented = readFileSync(join(ROOT, "docs/errors.md"), "utf8");
  const TABLES = {
    cli: { codes: Object.keys(CLI_ERRORS), table: "cli/src/errors/catalog.ts", folders: ["cli/src"] },
    rag: { codes: Object.keys(RAG_ERRORS), table: "rag/src/errors.ts", folders: ["rag/src"] },
    board: {
      codes: Object.keys(BOARD_ERRORS),
      table: "board/src/errors.ts",
      folders: ["board/src", "board/migrations", "directus/extension/src"],
    },
  };

  for (const [name, { codes, table, folders }] of Object.entries(TABLES)) {
    it(`every ${name} code is documented, and thrown somewhere`, () => {
      const texts = folders
        .flatMap((folder) => (folder.endsWith("migrations") ? sqlBelow(folder) : sourcesBelow(folder)))
        .filter(({ path }) => path !== table && !path.includes(".test."))
        .map(({ text }) => text)
        .join("\n");
      const ownTable = readFileSync(join(ROOT, table), "utf8");
      const isThrown = (code: string) => texts.includes(code) || ownTable.split(code).length > 2;
      expect(codes.filter((code) => !documented.includes(`| ${code} |`))).toEqual([]);
      expect(codes.filter((code) => !isThrown(code))).toEqual([]);
    });
  }

  function sqlBelow(folder: string): readonly SourceFile[] {
    return readdirSync(join(ROOT, folder)).map((name) => ({
      path: `${folder}/${name}`,
      text: readFileSync(join(ROOT, folder, name), "utf8"),
    }));
  }
});
