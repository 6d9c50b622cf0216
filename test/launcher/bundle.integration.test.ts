/** A checkout that was unpacked from a bundle, on a machine that has neither Node nor npm nor a network. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RELEASE } from "../../cli/src/bundle/manifest.ts";
import { sumLine } from "../../cli/src/bundle/open-bundle.ts";
import { packagesHash } from "../../cli/src/bundle/shipped-packages.ts";
import { editFile, makeFixtureCheckout, makeFolder, removeFolder } from "./fixture-checkout.ts";
import {
  answerOf,
  entries,
  launch,
  makeModernPath,
  makePath,
  type Outcome,
  runNpm,
  siteSettingsPlace,
} from "./launch.ts";

/** Says on which Node it runs, which is all that the launcher asks of an npm that installs nothing. */
const NPM = "#!/usr/bin/env node\nconsole.log(JSON.stringify({ node: process.versions.node }));\n";
const TOOLCHAIN = `toolchain-${process.arch}.tar.gz`;

const folder = makeFolder("bundle");
const original = join(folder, "original");
let bare = "";
let modern = "";
beforeAll(async () => {
  bare = await makePath(join(folder, "path-bare"), []);
  modern = await makeModernPath(join(folder, "path-modern"));
  const checkout = makeFixtureCheckout(original);
  const bundle = join(checkout, "bundle");
  mkdirSync(bundle);
  const pack = (name: string, from: string, what: readonly string[]) =>
    execFileSync("tar", ["-I", "gzip -1", "-cf", join(bundle, name), "-C", from, ...what]);
  runNpm(["ci", "--omit=dev", "--no-audit", "--no-fund"], {
    cwd: checkout,
    env: { ...siteSettingsPlace(), npm_config_cache: join(folder, "npm") },
  });
  pack(`packages-${packagesHash(checkout)}.tar.gz`, checkout, ["node_modules"]);
  rmSync(join(checkout, "node_modules"), { recursive: true });
  const toolchain = join(folder, "toolchain", "node_modules");
  const bin = join(toolchain, `node-linux-${process.arch}`, "bin");
  mkdirSync(bin, { recursive: true });
  copyFileSync(process.execPath, join(bin, "node"));
  mkdirSync(join(toolchain, ".bin"));
  writeFileSync(join(toolchain, ".bin", "npm"), NPM, { mode: 0o755 });
  pack(TOOLCHAIN, join(folder, "toolchain"), ["."]);
  rmSync(join(folder, "toolchain"), { recursive: true });
  writeFileSync(join(checkout, RELEASE), '{ "version": "0.1.0" }\n');
  signManifest(checkout);
});
afterAll(() => removeFolder(folder));

function signManifest(checkout: string): void {
  const bundle = join(checkout, "bundle");
  const archives = entries(bundle).filter((name) => name.endsWith(".gz"));
  const sum = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(bundle, name)))
      .digest("hex");
  const files = Object.fromEntries(archives.map((name) => [`bundle/${name}`, sum(name)]));
  const text = `${JSON.stringify({ architecture: process.arch, files }, null, 2)}\n`;
  writeFileSync(join(bundle, "manifest.json"), text);
  writeFileSync(join(bundle, "manifest.sha256"), sumLine(text));
}

function unpacked(name: string) {
  const checkout = join(folder, name, "checkout");
  cpSync(join(original, "checkout"), checkout, { recursive: true });
  const state = join(folder, name, "state");
  return {
    checkout,
    toolchains: () => entries(join(state, "cache")).filter((entry) => entry.startsWith("toolchain-")),
    run: (path = bare): Promise<Outcome> =>
      launch(join(checkout, "bin/elk-os"), { path, env: { ELK_OS_STATE_DIR: state }, args: ["version"] }),
  };
}

it("starts from the bundle alone, and then without it", async () => {
  const { checkout, run, toolchains } = unpacked("fresh");
  const first = await run();

  const answer = answerOf(first);
  expect(answer).toMatchObject({ version: process.versions.node, minute: 60_000 });
  expect(answer.node).toContain(`/state/cache/${toolchains()[0]}/node_modules/`);
  expect(first.stderr).toMatch(/^toolchain \+ node .*\npackages {2}\+ 2 packages \(production\) .*\n$/);
  rmSync(join(checkout, "bundle"), { recursive: true });
  const second = await run();
  expect(answerOf(second).node).toBe(answer.node);
  expect(second.stderr).toBe("");
});

it("takes the Node that it brings although another one is on PATH, since the rest was built by it", async () => {
  const { run, toolchains } = unpacked("beside");
  expect(answerOf(await run(modern)).node).toContain(`/state/cache/${toolchains()[0]}/node_modules/`);
});

it("refuses an archive that is not what the manifest says, and mends what that left when it is whole again", async () => {
  const { checkout, run, toolchains } = unpacked("damaged");
  const packages = join(checkout, "bundle", `packages-${packagesHash(checkout)}.tar.gz`);
  const harm = async (path: string) => {
    const whole = readFileSync(path);
    appendFileSync(path, "x");
    const outcome = await run();
    writeFileSync(path, whole);
    return outcome;
  };
  const first = await harm(join(checkout, "bundle", TOOLCHAIN));
  expect(first).toMatchObject({
    exit: 5,
    stdout: "",
    stderr: expect.stringContaining(`bundle/${TOOLCHAIN} is damaged`),
  });
  expect(toolchains()).toEqual([]);
  expect(await harm(join(checkout, "bundle/manifest.json"))).toMatchObject({
    exit: 5,
    stdout: "",
    stderr: expect.stringContaining("manifest.json: FAILED"),
  });
  expect(await harm(packages)).toMatchObject({ exit: 5, stdout: "", stderr: expect.stringContaining("is damaged") });
  expect(entries(join(checkout, "node_modules"))).toEqual([]);
  expect(answerOf(await run()).minute).toBe(60_000);
});

it("says for which architecture it is, where that is another one", async () => {
  const { checkout, run, toolchains } = unpacked("foreign");
  editFile(join(checkout, "bundle/manifest.json"), (text) => text.replace(`"${process.arch}"`, '"riscv64"'));
  const outcome = await run();

  expect(outcome).toMatchObject({ exit: 5, stdout: "" });
  expect(outcome.stderr).toContain(`this bundle is for riscv64, and this machine is ${process.arch}`);
  expect(toolchains()).toEqual([]);
});
