/** The install of what runs a pulled model, by a lock, from a registry of two small packages that stand for the real ones. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { runCommand } from "../host/run.ts";
import { ensureModelRuntime, RUNTIME_LIBRARY } from "./model-runtime.ts";

const NATIVE = "onnxruntime-node";
const VERSION = "1.0.0";
const THIS_MACHINE = `bin/napi-v6/${process.platform}/${process.arch}/library.node`;
const ANOTHER = "bin/napi-v6/plan9/mips/library.node";

let checkout: string;
let cacheDir: string;
let closeRegistry: () => void;

const run = (argv: readonly [string, ...string[]], cwd: string) =>
  runCommand(argv, { purpose: "The fixture could not be made", timeoutMs: 60_000, cwd });

async function pack(name: string, files: readonly string[]): Promise<{ name: string; tarball: Buffer }> {
  const folder = join(temporaryFolder(), "package");
  for (const file of ["package.json", ...files]) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), file === "package.json" ? JSON.stringify({ name, version: VERSION }) : file);
  }
  await run(["tar", "-czf", "package.tgz", "package"], join(folder, ".."));
  return { name, tarball: readFileSync(join(folder, "../package.tgz")) };
}

const integrityOf = (tarball: Buffer): string => `sha512-${createHash("sha512").update(tarball).digest("base64")}`;

/** Answers for these packages and nothing else until it is closed; npm is set up with it and with an empty cache. */
async function serve(packages: readonly { name: string; tarball: Buffer }[]): Promise<void> {
  const server = createServer((request, response) => {
    const url = decodeURIComponent(request.url ?? "");
    const asked = packages.find(({ name }) => url === `/${name}` || url === `/${name}.tgz`);
    if (asked === undefined) return void response.writeHead(404).end();
    if (url.endsWith(".tgz")) return void response.end(asked.tarball);
    const dist = { tarball: `http://${request.headers.host}/${asked.name}.tgz`, integrity: integrityOf(asked.tarball) };
    const versions = { [VERSION]: { name: asked.name, version: VERSION, dist } };
    response.end(JSON.stringify({ name: asked.name, "dist-tags": { latest: VERSION }, versions }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  closeRegistry = () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(closeRegistry);
  vi.stubEnv("npm_config_registry", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  vi.stubEnv("npm_config_cache", join(temporaryFolder(), "npm"));
  vi.stubEnv("npm_config_fetch_retries", "0");
  onTestFinished(() => void vi.unstubAllEnvs());
}

beforeEach(async () => {
  checkout = temporaryFolder();
  cacheDir = join(temporaryFolder(), "cache");
  const packages = [await pack(RUNTIME_LIBRARY, ["index.js"]), await pack(NATIVE, [THIS_MACHINE, ANOTHER])];
  await serve(packages);
  const dependencies = Object.fromEntries(packages.map(({ name }) => [name, VERSION]));
  const entries = packages.map(({ name, tarball }) => [
    `node_modules/${name}`,
    { version: VERSION, integrity: integrityOf(tarball) },
  ]);
  const source = join(checkout, "rag/runtimes/huggingface");
  mkdirSync(source, { recursive: true });
  const root = { name: "runtime", version: VERSION, dependencies };
  writeFileSync(join(source, "package.json"), JSON.stringify(root));
  const lock = { ...root, lockfileVersion: 3, requires: true, packages: { "": root, ...Object.fromEntries(entries) } };
  writeFileSync(join(source, "package-lock.json"), JSON.stringify(lock));
});

const install = (vendored: string | null) =>
  ensureModelRuntime({ checkout, cacheDir, vendored }, () => undefined, new AbortController().signal);

/** As the help says to do it on a machine with a network; nobody answers afterwards. */
async function fillOnAnotherMachine(): Promise<string> {
  const there = join(temporaryFolder(), "runtime");
  cpSync(join(checkout, "rag/runtimes/huggingface"), there, { recursive: true });
  const stick = join(temporaryFolder(), "stick");
  await run(["npm", "ci", "--omit=dev", "--ignore-scripts", "--cache", stick], there);
  closeRegistry();
  return stick;
}

test("with a registry it is installed once, and only for this machine", async () => {
  const folder = await install(null);
  expect(existsSync(join(folder, "node_modules", NATIVE, THIS_MACHINE))).toBe(true);
  expect(existsSync(join(folder, "node_modules", NATIVE, ANOTHER))).toBe(false);
  closeRegistry();
  expect(await install(null)).toBe(folder);
});

test("without a registry it is installed from a folder that was filled elsewhere, and from nothing else", async () => {
  const stick = await fillOnAnotherMachine();
  await expect(install(null)).rejects.toMatchObject({ code: "INSTALL_FAILED" });
  const folder = await install(stick);
  expect(existsSync(join(folder, "node_modules", RUNTIME_LIBRARY, "index.js"))).toBe(true);
  expect(readdirSync(folder)).not.toContain(".npm");
});

test("a package of the folder whose bytes were changed is refused, and nothing is installed", async () => {
  const stick = await fillOnAnotherMachine();
  const content = join(stick, "_cacache/content-v2");
  for (const name of readdirSync(content, { recursive: true, encoding: "utf8" })) {
    const file = join(content, name);
    if (statSync(file).isFile()) writeFileSync(file, readFileSync(file).fill(0));
  }
  await expect(install(stick)).rejects.toMatchObject({ code: "INSTALL_FAILED" });
  expect(readdirSync(cacheDir)).toEqual([]);
});

test("a folder that is no npm cache is named with how to fill one", async () => {
  await expect(install(temporaryFolder())).rejects.toMatchObject({
    code: "USAGE_INVALID",
    message: expect.stringContaining("is no npm cache"),
    hint: expect.stringContaining("--cache FOLDER"),
  });
});
