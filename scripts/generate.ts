/**
 * Writes what is derived from the code: references and the environment example. `--check` writes nothing and exits 1
 * when a file differs. Adding a generated file is one line in GENERATED.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completeLock } from "./complete-lock.ts";
import { checksDocument } from "./documents/checks.ts";
import { cliDocument } from "./documents/cli.ts";
import { clientsDocument } from "./documents/clients.ts";
import { configDocument, environmentExample } from "./documents/config.ts";
import { errorsDocument } from "./documents/errors.ts";
import { transitionsDocument } from "./documents/transitions.ts";

const ROOT = join(import.meta.dirname, "..");

/** Path → its whole text. Pure but for reading the lock, which is completed in place. */
const GENERATED: Readonly<Record<string, () => string>> = {
  "docs/cli.md": cliDocument,
  "docs/clients.md": clientsDocument,
  "docs/config.md": configDocument,
  "docs/errors.md": errorsDocument,
  "docs/checks.md": checksDocument,
  "docs/transitions.md": transitionsDocument,
  ".env.example": environmentExample,
  "package-lock.json": () => {
    const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
    return `${JSON.stringify(completeLock(lock), null, 2)}\n`;
  },
};

const isCheck = process.argv.includes("--check");
const stale = Object.entries(GENERATED).filter(([path, render]) => {
  const file = join(ROOT, path);
  const text = render();
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  if (!isCheck) writeFileSync(file, text);
  return true;
});

for (const [path] of stale) console.error(isCheck ? `${path} is out of date; run: npm run gen` : `wrote ${path}`);
process.exitCode = isCheck && stale.length > 0 ? 1 : 0;
