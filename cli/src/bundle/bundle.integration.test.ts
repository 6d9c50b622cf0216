/** A bundle of a tiny checkout, made and taken in with the real git and tar; what is torn, altered or foreign leaves the cache as it was. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { elfFile } from "../../../test/support/elf-file.ts";
import { fixtureStack } from "../../../test/support/fixture-stack.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import type { SavedImage } from "../drivers/driver.ts";
import { type CacheEntry, ensureEntry } from "../drivers/embedded/staging/cache-entry.ts";
import { toCliError } from "../errors/cli-error.ts";
import type { Argv } from "../host/run-piped.ts";
import { buildId } from "../stack/build-id.ts";
import { assertBundled, type Source } from "./bundle-source.ts";
import { type Exported, exportBundle } from "./export-bundle.ts";
import { importBundle } from "./import-bundle.ts";
import type { Manifest } from "./manifest.ts";
import { sumLine } from "./open-bundle.ts";
import { packagesHash } from "./shipped-packages.ts";

const signal = new AbortController().signal;
const silent = () => {};
const IDENTITY = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];

const ENTRIES: readonly CacheEntry[] = ["first", "second"].map((name, index) => ({
  name,
  key: String(index + 1).repeat(64),
  proof: [`bin/${name}`],
  build: async (folder) => write(folder, { [`bin/${name}`]: `program ${name}\n` }),
}));

let folder: string;
let checkout: string;
let source: Source;
let exported: Exported;

beforeEach(async () => {
  folder = temporaryFolder();
  checkout = join(folder, "checkout");
  write(checkout, {
    "package.json": '{"name":"tiny","version":"0.1.0","workspaces":["cli"]}',
    "package-lock.json": "{}",
    "cli/package.json": "{}",
    ".gitignore": "node_modules/\n.elk-os/\n",
    "node_modules/.package-lock.json": JSON.stringify({
      packages: { "node_modules/ms": {}, "node_modules/vitest": { dev: true } },
    }),
    "node_modules/ms/package.json": '{"name":"ms","version":"2.1.3","license":"MIT"}',
    "node_modules/ms/license.md": "The licence of ms",
    "node_modules/vitest/package.json": "{}",
  });
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message", "one");
  const toolchain = join(folder, "toolchain");
  write(toolchain, { ".complete": "24.21.0 x64\n", ".globalconfig": "/etc/npmrc", "node_modules/.bin/node": "node\n" });
  const stack = stackOf(checkout);
  for (const entry of ENTRIES) await ensureEntry(stack.config.cacheDir, entry, silent, signal);
  const installed = readFileSync(join(checkout, "node_modules/.package-lock.json"), "utf8");
  source = { commit: git("rev-parse", "HEAD"), toolchain, installed };
  exported = await exportBundle(stack, source, folder, silent, signal);
});

function stackOf(place: string) {
  const stack = fixtureStack(place, { stateDir: join(folder, "state") });
  return { ...stack, driver: { ...stack.driver, entries: () => ENTRIES } };
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", ["-C", checkout, ...IDENTITY, ...args], { encoding: "utf8" }).trim();
}

const cacheDir = () => join(folder, "there");
const cached = () => (existsSync(cacheDir()) ? readdirSync(cacheDir()).sort() : []);
const WHOLE = ["first-111111111111", "second-222222222222"];

function take(path: string, entries = ENTRIES, aborted = signal, progress: (line: string) => void = silent) {
  const driver = { entries: () => entries, loadImages: async () => false };
  return importBundle({ path, cacheDir: cacheDir(), driver }, progress, aborted);
}

function unpacked(): string {
  execFileSync("tar", ["-xf", exported.archive, "-C", folder]);
  return join(folder, exported.root);
}

async function expectRefused(path: string, code: string, message: RegExp, entries = ENTRIES): Promise<void> {
  const error = toCliError(
    await take(path, entries).then(
      () => null,
      (thrown: unknown) => thrown,
    ),
  );
  expect({ code: error.code, message: error.message }, message.source).toEqual({
    code,
    message: expect.stringMatching(message),
  });
  expect(cached(), "nothing was written").toEqual([]);
}

test("an archive fills an empty cache with what it was made from, and a second time changes nothing", async () => {
  expect(await take(exported.archive)).toMatchObject({ made: ["first", "second"] });
  expect(cached()).toEqual(WHOLE);
  expect(readFileSync(join(cacheDir(), "second-222222222222/bin/second"), "utf8")).toBe("program second\n");
  expect(await take(exported.archive)).toMatchObject({ made: [] });
});

test("plain tar unpacks the commit with its packages beside it, and the folder is as good as the archive", async () => {
  const there = unpacked();
  const { manifest, root } = exported;
  expect(readFileSync(join(there, "cli/package.json"), "utf8")).toBe("{}");
  expect(buildId(there), "no git folder tells it").toBe(git("rev-parse", "HEAD").slice(0, 12));
  expect(root).toBe(`muster-0.1.0-${buildId(there)}-linux-${process.arch}`);
  expect(Object.keys(manifest.files)).toEqual([
    "bundle/first-111111111111.tar.gz",
    "bundle/licences.txt",
    expect.stringMatching(/^bundle\/packages-[0-9a-f]{16}\.tar\.gz$/),
    "bundle/second-222222222222.tar.gz",
    `bundle/toolchain-${process.arch}.tar.gz`,
  ]);
  const inside = (file: string) =>
    execFileSync("tar", ["-tzf", join(there, file)], { encoding: "utf8" })
      .split("\n")
      .filter((line) => !line.endsWith("/"));
  expect(inside(Object.keys(manifest.files)[2] ?? "").sort()).toEqual([
    "",
    "node_modules/.package-lock.json",
    "node_modules/ms/license.md",
    "node_modules/ms/package.json",
  ]);
  expect(inside(`bundle/toolchain-${process.arch}.tar.gz`).sort(), "what is of this machine stays here").toEqual([
    "",
    "./node_modules/.bin/node",
  ]);
  expect(readFileSync(join(there, "bundle/licences.txt"), "utf8")).toContain("ms 2.1.3 (MIT)\n\nThe licence of ms");
  expect(await take(there)).toMatchObject({ made: ["first", "second"] });
  expect(cached()).toEqual(WHOLE);
});

test("an archive that was cut anywhere is refused, and nothing is written", async () => {
  const { size } = statSync(exported.archive);
  const torn = join(folder, "torn.tar");
  for (const length of [0, 100, 600, 1_024, Math.floor(size / 2), size - 1]) {
    copyFileSync(exported.archive, torn);
    truncateSync(torn, length);
    await expectRefused(torn, "BUNDLE_INVALID", /does not begin as a bundle does|torn or was altered/);
  }
});

test("an archive in which any byte differs is refused, and so is one with something behind its end", async () => {
  const bytes = readFileSync(exported.archive);
  const altered = join(folder, "altered.tar");
  // Of the first header, the digest, the room behind it, the files of the commit, the manifest and the last file.
  const manifestAt = bytes.indexOf('"format": "muster.bundle/1"');
  for (const at of [3, 200, 520, 700, 2_000, manifestAt, bytes.length - 20_000, bytes.length - 1]) {
    const harmed = Buffer.from(bytes);
    harmed[at] = (harmed[at] ?? 0) ^ 1;
    writeFileSync(altered, harmed);
    await expectRefused(altered, "BUNDLE_INVALID", /does not begin as a bundle does|torn or was altered/);
  }
  writeFileSync(altered, bytes);
  appendFileSync(altered, "more");
  await expectRefused(altered, "BUNDLE_INVALID", /torn or was altered/);
});

test("an unpacked bundle is refused when a file or its manifest is not what was exported", async () => {
  const there = unpacked();
  const second = join(there, "bundle/second-222222222222.tar.gz");
  const whole = readFileSync(second);
  writeFileSync(second, Buffer.concat([whole, Buffer.from("x")]));
  await expectRefused(there, "BUNDLE_INVALID", /second-222222222222\.tar\.gz is not what was exported/);
  rmSync(second);
  await expectRefused(there, "BUNDLE_INVALID", /second-222222222222\.tar\.gz is missing/);
  writeFileSync(second, whole);
  appendFileSync(join(there, "bundle/manifest.json"), " ");
  await expectRefused(there, "BUNDLE_INVALID", /manifest\.json is not what was exported/);
  await expectRefused(join(folder, "checkout"), "BUNDLE_INVALID", /was not unpacked from a bundle/);
  await expectRefused(join(folder, "nowhere.tar"), "BUNDLE_INVALID", /There is no /);
});

test("a bundle for another machine is refused under a code of its own, whole as it is", async () => {
  const there = unpacked();
  const path = join(there, "bundle/manifest.json");
  const forge = (change: Partial<Manifest>) => {
    const text = `${JSON.stringify({ ...exported.manifest, ...change }, null, 2)}\n`;
    writeFileSync(path, text);
    writeFileSync(join(there, "bundle/manifest.sha256"), sumLine(text));
  };
  forge({ architecture: "riscv64" });
  await expectRefused(there, "BUNDLE_FOREIGN", /for riscv64/);
  forge({ libc: "uclibc" });
  await expectRefused(there, "BUNDLE_FOREIGN", /for uclibc/);
  forge({ node: "24.0.0" });
  await expectRefused(there, "BUNDLE_FOREIGN", /built by Node 24\.0\.0/);
});

test("a bundle of another release is refused, naming what it lacks for this one", async () => {
  const next = ENTRIES.map((entry) => (entry.name === "second" ? { ...entry, key: "3".repeat(64) } : entry));
  await expectRefused(exported.archive, "BUNDLE_FOREIGN", /does not hold what this checkout runs: second/, next);
});

test("an import that was stopped in the middle leaves whole parts only, and the next one goes on", async () => {
  const stop = new AbortController();
  const stopAtSecond = (line: string) => {
    if (line.startsWith("unpacking second")) stop.abort(new Error("stopped"));
  };
  await expect(take(exported.archive, ENTRIES, stop.signal, stopAtSecond)).rejects.toThrow("stopped");
  expect(cached()).toEqual(["first-111111111111"]);
  expect(await take(exported.archive)).toMatchObject({ made: ["second"] });
});

test.each(["node_modules/ms/build/addon.node", "toolchain/node_modules/.bin/tool", "first/lib/first.so"])(
  "a program of another architecture in what is to be packed is refused by its name, and no archive is written: %s",
  async (place) => {
    const stack = stackOf(checkout);
    const [part = "", ...path] = place.split("/");
    const roots: Readonly<Record<string, string>> = {
      node_modules: join(checkout, part),
      toolchain: join(folder, part),
      first: join(stack.config.cacheDir, "first-111111111111"),
    };
    const planted = join(roots[part] ?? "", ...path);
    mkdirSync(dirname(planted), { recursive: true });
    writeFileSync(planted, elfFile(process.arch === "x64" ? "arm64" : "x64"));
    rmSync(exported.archive);
    const refused = await exportBundle(stack, source, folder, silent, signal).catch(toCliError);
    expect(refused).toMatchObject({ code: "BUNDLE_REFUSED", message: expect.stringContaining(planted) });
    expect(readdirSync(folder).filter((name) => name.includes(".tar"))).toEqual([]);

    writeFileSync(planted, elfFile(process.arch === "x64" ? "x64" : "arm64"));
    expect((await exportBundle(stack, source, folder, silent, signal)).archive).toBe(exported.archive);
  },
);

test("what a package carries for other systems beside this one is not packed", async () => {
  const wanted = `linux-${process.arch}`;
  const prebuilds = ["darwin-arm64", "linux-arm64", "linux-x64"].map((name) => `prebuilds/${name}/addon.node`);
  write(join(checkout, "node_modules/ms"), Object.fromEntries(prebuilds.map((name) => [name, ""])));
  exported = await exportBundle(stackOf(checkout), source, folder, silent, signal);
  const packages = join(unpacked(), `bundle/packages-${packagesHash(checkout)}.tar.gz`);
  const inside = execFileSync("tar", ["-tzf", packages], { encoding: "utf8" }).split("\n");
  expect(inside.filter((name) => name.endsWith("addon.node"))).toEqual([
    `node_modules/ms/prebuilds/${wanted}/addon.node`,
  ]);
});

test("what could not be compiled is named in the manifest", async () => {
  expect(exported.manifest.leftOut).toEqual([]);
  write(checkout, { "package-lock.json": '{"packages":{"node_modules/hnswlib-node":{"optional":true}}}' });
  const made = await exportBundle(stackOf(checkout), source, folder, silent, signal);
  expect(made.manifest.leftOut).toEqual(["hnswlib-node: search compares every vector"]);
  write(checkout, { "node_modules/hnswlib-node/package.json": "{}" });
  expect((await exportBundle(stackOf(checkout), source, folder, silent, signal)).manifest.leftOut).toEqual([]);
});

test("for containers nothing is exported for another architecture", async () => {
  const stack = stackOf(checkout);
  const driver = { ...stack.driver, id: "compose" } as const;
  const refused = exportBundle({ ...stack, driver }, source, folder, silent, signal, "riscv64").catch(toCliError);
  expect(await refused).toMatchObject({ code: "BUNDLE_REFUSED", message: expect.stringContaining("none for riscv64") });
});

test("images travel as the engine wrote them, and it is given them from the archive and from the folder alike", async () => {
  const images = [{ reference: "postgres:18", id: `sha256:${"a".repeat(64)}` }];
  const layers = "layers of an image";
  const stack = stackOf(checkout);
  const saveImages = async (file: string) => {
    writeFileSync(file, layers);
    return images;
  };
  exported = await exportBundle({ ...stack, driver: { ...stack.driver, saveImages } }, source, folder, silent, signal);
  expect(exported.manifest).toMatchObject({ images, files: { "bundle/images.tar": expect.any(String) } });

  const given: unknown[] = [];
  const driver = {
    entries: () => ENTRIES,
    loadImages: async ([file, ...args]: Argv, wanted: readonly SavedImage[]) => {
      given.push([execFileSync(file, args, { encoding: "utf8" }), wanted]);
      return true;
    },
  };
  for (const path of [exported.archive, unpacked()]) {
    expect((await importBundle({ path, cacheDir: cacheDir(), driver }, silent, signal)).made).toContain("images");
  }
  expect(given).toEqual([
    [layers, images],
    [layers, images],
  ]);
});

test("a checkout that is not its commit is not exported, and neither is what another Node made", async () => {
  const refusal = async () =>
    toCliError(await assertBundled(stackOf(checkout), signal).catch((error: unknown) => error));
  write(checkout, { "bin/toolchain/package-lock.json": "{}" });
  git("add", "--all");
  git("commit", "--quiet", "--message", "two");
  expect(await refusal()).toMatchObject({
    code: "BUNDLE_REFUSED",
    message: expect.stringContaining("the pinned Node"),
  });
  write(checkout, { "rag/new.ts": "" });
  expect(await refusal(), "git does not know it, and staging would").toMatchObject({
    code: "BUNDLE_REFUSED",
    message: expect.stringContaining("rag/new.ts"),
  });
  write(checkout, { "cli/package.json": "{ }" });
  expect(await refusal()).toMatchObject({ message: expect.stringContaining("cli/package.json, rag/new.ts") });
  rmSync(join(checkout, ".git"), { recursive: true });
  expect(await refusal()).toMatchObject({ code: "BUNDLE_REFUSED", message: expect.stringContaining("no git clone") });
});

test("an export leaves the archive alone in its folder", () => {
  expect(readdirSync(folder).filter((name) => name.includes(".partial"))).toEqual([]);
  expect(exported.bytes).toBe(statSync(exported.archive).size);
});
