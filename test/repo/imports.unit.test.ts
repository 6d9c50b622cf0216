/** Who may import whom, and who may start a process. */
import { dirname, relative, resolve } from "node:path";
import { expect, it } from "vitest";
import { importsOf, offenders, packageOf, ROOT, SHIPPED, type SourceFile } from "./source-files.ts";

/** What each package may import of ours, by package name. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  board: [],
  cli: ["@muster/board"],
  rag: ["@muster/board"],
  portal: ["@muster/board"],
  "directus/extension": ["@muster/board"],
};

function strayImports(file: SourceFile): readonly string[] {
  return importsOf(file).filter((target) => {
    if (target.startsWith("."))
      return packageOf(relative(ROOT, resolve(ROOT, dirname(file.path), target))) !== packageOf(file.path);
    const ours = target.startsWith("@muster/") ? target.split("/").slice(0, 2).join("/") : null;
    return ours !== null && !(ALLOWED[packageOf(file.path)] ?? []).includes(ours);
  });
}

function startsProcesses(file: SourceFile): boolean {
  const starts = importsOf(file).some((target) => /^(execa|(node:)?(child_process|cluster))$/.test(target));
  return starts && !/^(cli|rag)\/src\/host\//.test(file.path);
}

it("packages import only board, and only by its name", () => {
  expect(SHIPPED.flatMap((file) => strayImports(file).map((target) => `${file.path} → ${target}`))).toEqual([]);
});

it.each([
  { path: "rag/src/app.ts", text: 'import { claim } from "../../board/src/claim.ts";' },
  { path: "directus/extension/src/law.ts", text: 'export * from "../../../cli/src/law.ts";' },
  { path: "board/src/index.ts", text: 'import type { Portal } from "@muster/portal";' },
  { path: "cli/src/main.ts", text: 'const { search } = await import("@muster/rag/search");' },
])("an import across packages is seen in $path", (file) => {
  expect(strayImports(file)).toHaveLength(1);
});

it("only host starts processes", () => {
  expect(offenders(SHIPPED, startsProcesses)).toEqual([]);
});

it.each([
  { path: "portal/data/board.ts", text: 'import { spawn } from "node:child_process";' },
  { path: "cli/src/phases/up.ts", text: 'import { execa } from "execa";' },
  { path: "rag/src/server.ts", text: 'const { fork } = await import("child_process");' },
])("a process started elsewhere is seen in $path", (file) => {
  expect(startsProcesses(file)).toBe(true);
});
