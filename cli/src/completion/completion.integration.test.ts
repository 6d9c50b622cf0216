/** The scripts as the shells themselves read them. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { COMMANDS } from "../commands/index.ts";
import { GLOBAL_OPTIONS } from "../program.ts";
import { completionScript } from "./scripts.ts";
import { placesOf } from "./words.ts";

const folder = mkdtempSync(join(tmpdir(), "muster-completion-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const script = join(folder, "elk-os.bash");
writeFileSync(script, completionScript("bash", placesOf(COMMANDS, GLOBAL_OPTIONS)));

/** What bash offers for the last of these words. */
function offered(...words: readonly string[]): readonly string[] {
  const line = `. ${script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _elk_os; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-uc", line, "bash", "elk-os", ...words], { encoding: "utf8" })
    .trim()
    .split("\n");
}

it.each<[readonly string[], readonly string[]]>([
  [["back"], ["backup"]],
  [
    ["backup", ""],
    ["create", "list", "verify"],
  ],
  [["backup", "create", "--no"], ["--no-verify"]],
  [["up", "--pro"], ["--profile"]],
  [["--json", "secrets", "ro"], ["rotate"]],
  [["logs", "dir"], ["directus"]],
  [["restore", "latest", "--y"], ["--yes"]],
])("bash completes %j with %j", (words, wanted) => {
  expect(offered(...words)).toEqual(expect.arrayContaining([...wanted]));
});

it("bash offers nothing that begins otherwise", () => {
  expect(offered("zzz")).toEqual([""]);
});

it("every verb is in each script", () => {
  const places = placesOf(COMMANDS, GLOBAL_OPTIONS);
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const text = completionScript(shell, places);
    expect(
      COMMANDS.filter(({ name }) => !text.includes(name.split(" ").at(-1) ?? name)).map(({ name }) => name),
    ).toEqual([]);
  }
});
