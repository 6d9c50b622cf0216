/** Where a program touches the world: its exit, its output, its environment. */
import { describe, expect, it } from "vitest";
import { importsOf, offenders, packageOf, SHIPPED, type SourceFile, withoutComments } from "./source-files.ts";

/** By its global name only, so that the rules below can see every use. */
const importsProcess = (file: SourceFile) => importsOf(file).some((target) => /^(node:)?process$/.test(target));

describe("exit", () => {
  function exits(file: SourceFile): boolean {
    return importsProcess(file) || /process\.((exit|abort|reallyExit)\(|exitCode\s*=)/.test(withoutComments(file.text));
  }

  it("only where a program begins is its exit decided: the CLI, the search service, a generator", () => {
    expect(offenders(SHIPPED, exits)).toEqual(["cli/src/main.ts", "rag/src/server.ts", "portal/scripts/gen-sql.ts"]);
  });

  it.each([
    "if (failed) process.exit(3);",
    "process.exitCode = 3;",
    "process.abort();",
    'import { exit } from "node:process";',
  ])("is seen in: %s", (text) => {
    expect(exits({ path: "cli/src/commands/up.ts", text })).toBe(true);
  });
});

describe("output", () => {
  function prints(file: SourceFile): boolean {
    const code = withoutComments(file.text);
    return (
      importsProcess(file) ||
      /(?<![.\w])console\s*[.[]|process\.std(out|err)\b/.test(code) ||
      /\bwrite(File)?(Sync)?\(\s*([12]\b|["'`]\/dev\/std(out|err))/.test(code)
    );
  }

  it("only output prints, and services print through their logger", () => {
    const printers = offenders(SHIPPED, prints).filter((path) => !path.startsWith("cli/src/output/"));
    expect(printers).toEqual([
      // Runs alone, without a logger: its lines are the log of the door.
      "cli/src/database/door-main.ts",
      // Hands the caller's terminal to a program that it starts.
      "cli/src/host/run-visible.ts",
      // Says why it does not start, before there is a logger.
      "rag/src/server.ts",
      // Is the portal's logger.
      "portal/data/operator-log.ts",
      // A generator, run by hand.
      "portal/scripts/gen-sql.ts",
    ]);
  });

  it.each([
    "console.log(answer);",
    'console["error"](answer);',
    "process.stdout.write(answer);",
    "const out = process.stderr;",
    "writeSync(1, answer);",
    'writeFileSync("/dev/stderr", answer);',
    'import { stdout } from "process";',
  ])("is seen in: %s", (text) => {
    expect(prints({ path: "rag/src/app.ts", text })).toBe(true);
  });

  it("is no word in a comment", () => {
    expect(
      prints({ path: "rag/src/app.ts", text: "/** Goes to `process.stdout`. */\nconst a = 1; // console.log" }),
    ).toBe(false);
  });
});

describe("environment", () => {
  /** Packages in which more than one file reads it. */
  function scatteredReaders(files: readonly SourceFile[]): readonly string[] {
    const readers = offenders(files, ({ text }) => /process\.env\b|process\["env"\]/.test(text));
    return [...Map.groupBy(readers, packageOf)].filter(([, paths]) => paths.length > 1).map(([name]) => name);
  }

  it("is read in one file per package", () => {
    expect(scatteredReaders(SHIPPED)).toEqual([]);
  });

  it("is seen to be read in two", () => {
    const reader = { path: "cli/src/config/load.ts", text: "process.env" };
    expect(scatteredReaders([reader, { path: "rag/src/config.ts", text: "process.env" }])).toEqual([]);
    expect(scatteredReaders([reader, { path: "cli/src/main.ts", text: "const { HOME } = process.env;" }])).toEqual([
      "cli",
    ]);
  });
});
