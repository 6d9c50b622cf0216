import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { lendPackages } from "./lend-packages.ts";

const never = new AbortController().signal;

function write(folder: string, path: string, text = "{}"): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** A checkout with packages at its root and beside one workspace. */
function makeCheckout(): string {
  const folder = temporaryFolder();
  write(folder, "package.json", JSON.stringify({ workspaces: ["board", "rag"] }));
  write(folder, "board/package.json");
  write(folder, "node_modules/ms/package.json");
  write(folder, "node_modules/.elk-os-stamp", "of this checkout");
  write(folder, "rag/node_modules/ms/package.json", '{"version":"3.0.0"}');
  return folder;
}

it("lends what is installed at the root and beside each workspace, without a copy", async () => {
  const [from, to] = [makeCheckout(), temporaryFolder()];
  write(to, "rag/package.json");
  await lendPackages(from, to, never);
  for (const path of ["node_modules/ms/package.json", "rag/node_modules/ms/package.json"]) {
    expect(statSync(join(to, path)).ino, path).toBe(statSync(join(from, path)).ino);
  }
});

it("lends no stamp: what the launcher writes there would be this checkout's", async () => {
  const [from, to] = [makeCheckout(), temporaryFolder()];
  await lendPackages(from, to, never);
  write(to, "node_modules/.elk-os-stamp", "of the release");
  expect(readFileSync(join(from, "node_modules/.elk-os-stamp"), "utf8")).toBe("of this checkout");
});

it("lends nothing for a workspace that the release does not have", async () => {
  const [from, to] = [makeCheckout(), temporaryFolder()];
  await lendPackages(from, to, never);
  expect(existsSync(join(to, "rag"))).toBe(false);
});

it("leaves nothing half lent: the launcher then installs all of it", async () => {
  const [from, to] = [makeCheckout(), temporaryFolder()];
  // cp cannot put a folder where a file lies.
  write(to, "rag/node_modules", "");
  await lendPackages(from, to, never);
  expect([existsSync(join(to, "node_modules")), existsSync(join(to, "rag/node_modules"))]).toEqual([false, false]);
  expect(existsSync(join(from, "rag/node_modules/ms/package.json"))).toBe(true);
});
