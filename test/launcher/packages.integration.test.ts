import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addNativePackage, editFile, makeFixtureCheckout, makeFolder, removeFolder } from "./fixture-checkout.ts";
import {
  answerOf,
  isRunning,
  killGroup,
  launch,
  makeModernPath,
  makePathWithoutCompiler,
  type Outcome,
  runNpm,
  siteSettingsPlace,
  start,
  until,
} from "./launch.ts";

const folder = makeFolder("packages");
let path = "";
let site: Readonly<Record<string, string>> = {};
beforeAll(async () => {
  path = await makeModernPath(join(folder, "path"));
  site = siteSettingsPlace();
});
afterAll(() => removeFolder(folder));

/** A checkout of its own for one test, and a launch of it that shares only downloads with the others. */
function makeCheckout(name: string) {
  const checkout = makeFixtureCheckout(join(folder, name));
  const env = {
    ...site,
    ELK_OS_STATE_DIR: join(folder, name, "state"),
    npm_config_cache: join(folder, "npm"),
  };
  const launcher = join(checkout, "bin/elk-os");
  const modules = join(checkout, "node_modules");
  const settings = (args: readonly string[], more: Record<string, string> = {}) => ({
    path,
    env: { ...env, ...more },
    args,
  });
  return {
    checkout,
    launcher,
    env,
    hasProduction: () => existsSync(join(modules, "ms/package.json")),
    hasNative: () => existsSync(join(modules, "hnswlib-node")),
    hasDevelopment: () => existsSync(join(modules, "isexe/package.json")),
    run: (args: readonly string[] = ["version"], more: Record<string, string> = {}): Promise<Outcome> =>
      launch(launcher, settings(args, more)),
    runOn: (tools: string): Promise<Outcome> => launch(launcher, { ...settings(["version"]), path: tools }),
    start: () => start(launcher, settings(["version"])),
    hold: () => writeFileSync(join(checkout, "hold"), ""),
    release: () => rmSync(join(checkout, "hold")),
    untilHeld: () => until("npm is in the middle", () => existsSync(join(checkout, "held"))),
    heldPid: () => Number(readFileSync(join(checkout, "held"), "utf8")),
  };
}

/** Does the npm cache that the launches share hold a download of this address? */
function wasFetched(address: RegExp): boolean {
  const index = join(folder, "npm/_cacache/index-v5");
  const entries = readdirSync(index, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.some(({ parentPath, name }) => address.test(readFileSync(join(parentPath, name), "utf8")));
}

/** Matches the line of a finished install; without a UTF-8 locale its glyph is ASCII. */
const INSTALLED = /^packages {2}\+ \d+ packages \((production|full)\) +\d+ s$/m;

it("installs what production needs, then runs the CLI on the Node it found", async () => {
  const { run, hasDevelopment } = makeCheckout("first");
  const outcome = await run(["doctor", "--json", "a b"]);

  expect(outcome.stderr).toMatch(INSTALLED);
  expect(answerOf(outcome)).toMatchObject({
    argv: ["doctor", "--json", "a b"],
    node: process.execPath,
    minute: 60_000,
  });
  expect(hasDevelopment()).toBe(false);
});

it("says nothing and installs nothing the second time", async () => {
  const { checkout, run } = makeCheckout("second");
  await run();
  const before = statSync(join(checkout, "node_modules/ms")).ino;

  expect(await run()).toMatchObject({ exit: 0, stderr: "" });
  expect(statSync(join(checkout, "node_modules/ms")).ino).toBe(before);
});

it("runs from any folder, through links and from PATH, without changing the caller's folder", async () => {
  const { checkout, env, launcher, run } = makeCheckout("links with a space");
  await run();
  const links = join(folder, "links");
  mkdirSync(links);
  symlinkSync(launcher, join(links, "absolute"));
  symlinkSync("absolute", join(links, "relative"));
  symlinkSync(checkout, join(links, "checkout"));

  const settings = { path: `${links}:${path}`, env, cwd: links };
  for (const command of ["./relative", "absolute", "checkout/bin/elk-os", "../links/relative"]) {
    const answer = answerOf(await launch("sh", { ...settings, args: ["-c", `exec ${command}`] }));
    expect(answer, command).toMatchObject({ main: join(checkout, "cli/src/main.ts"), cwd: links });
  }
});

it("installs again when the lock or a workspace's package.json has changed", async () => {
  const { checkout, run } = makeCheckout("changed");
  await run();
  editFile(join(checkout, "package-lock.json"), (text) => text.replace('"license": "MIT"', '"license": "ISC"'));
  editFile(join(checkout, "node_modules/.package-lock.json"), (text) =>
    text.replace('"version": "2.1.3"', '"version": "2.1.2"'),
  );
  expect((await run()).stderr).toMatch(INSTALLED);

  editFile(join(checkout, "cli/package.json"), (text) => text.replace('"0.0.0"', '"0.0.1"'));
  editFile(join(checkout, "package-lock.json"), (text) =>
    text.replace(
      '"name": "@fixture/cli",\n      "version": "0.0.0"',
      '"name": "@fixture/cli",\n      "version": "0.0.1"',
    ),
  );
  rmSync(join(checkout, "node_modules/ms"), { recursive: true });
  expect((await run()).stderr).toMatch(INSTALLED);
  expect(await run()).toMatchObject({ exit: 0, stderr: "" });
});

it("installs development packages for `test` and ELK_OS_DEV, and never takes them away", async () => {
  const { checkout, run, hasDevelopment } = makeCheckout("development");
  expect((await run(["test"])).stderr).toContain("(full)");
  expect(hasDevelopment()).toBe(true);
  expect((await run()).stderr).toBe("");

  rmSync(join(checkout, "node_modules/.package-lock.json"));
  editFile(join(checkout, "package-lock.json"), (text) => `${text}\n`);
  expect((await run()).stderr).toContain("(full)");
  expect(hasDevelopment()).toBe(true);

  const other = makeCheckout("development-wish");
  await other.run(["version"], { ELK_OS_DEV: "1" });
  expect(other.hasDevelopment()).toBe(true);
});

it("leaves alone what a person installed with npm, if it is what the lock says", async () => {
  const { checkout, env, run } = makeCheckout("by-hand");
  runNpm(["install", "--no-audit", "--no-fund"], { cwd: checkout, env });
  const before = statSync(join(checkout, "node_modules/ms")).ino;

  expect(await run()).toMatchObject({ exit: 0, stderr: "" });
  expect(statSync(join(checkout, "node_modules/ms")).ino).toBe(before);
});

it("installs nothing for a release that gives its workspaces another version and wants the same packages", async () => {
  const { checkout, run } = makeCheckout("released");
  await run();
  const before = statSync(join(checkout, "node_modules/ms")).ino;
  for (const name of ["package.json", "cli/package.json", "package-lock.json"]) {
    editFile(join(checkout, name), (text) => text.replaceAll('"0.0.0"', '"0.1.0"'));
  }

  expect(await run()).toMatchObject({ exit: 0, stderr: "" });
  expect(statSync(join(checkout, "node_modules/ms")).ino).toBe(before);
  expect(await run()).toMatchObject({ exit: 0, stderr: "" });
});

it("installs again where a package is missing from what a person installed", async () => {
  const { checkout, env, run, hasProduction } = makeCheckout("by-hand-broken");
  runNpm(["install", "--no-audit", "--no-fund"], { cwd: checkout, env });
  rmSync(join(checkout, "node_modules/ms"), { recursive: true });

  expect((await run()).stderr).toMatch(INSTALLED);
  expect(hasProduction()).toBe(true);
});

it("redoes an install that was killed in the middle", async () => {
  const held = makeCheckout("killed");
  held.hold();
  const { child, outcome } = held.start();
  await held.untilHeld();
  killGroup(child, "SIGKILL");
  await outcome;
  expect(held.hasProduction(), "packages are there, and yet not to be trusted").toBe(true);

  held.release();
  const second = await held.run();
  expect(second.stderr).toMatch(INSTALLED);
  expect(answerOf(second).minute).toBe(60_000);
});

it("waits for the npm of a launcher that alone was killed", async () => {
  const held = makeCheckout("orphaned");
  held.hold();
  const { child, outcome } = held.start();
  await held.untilHeld();
  child.kill("SIGKILL");

  const second = held.start();
  let said = "";
  second.child.stderr?.on("data", (chunk: string) => {
    said += chunk;
  });
  await until("the second says that it waits", () => said.includes("another elk-os is installing"));
  held.release();
  expect(answerOf(await second.outcome).minute).toBe(60_000);
  await outcome;
  expect(await held.run()).toMatchObject({ exit: 0, stderr: "" });
});

it("stops npm and its scripts when it is told to stop", async () => {
  const held = makeCheckout("stopped");
  held.hold();
  const { child, outcome } = held.start();
  await held.untilHeld();
  child.kill("SIGTERM");

  expect((await outcome).exit).toBe(143);
  await until("the install script is gone", () => !isRunning(held.heldPid()), 10_000);
});

it("lets one of two install and the other wait for it", async () => {
  const held = makeCheckout("twice");
  held.hold();
  const first = held.start();
  await held.untilHeld();
  const second = held.start();
  let said = "";
  second.child.stderr?.on("data", (chunk: string) => {
    said += chunk;
  });
  await until("the second says that it waits", () => said.includes("another elk-os is installing"));
  held.release();

  const outcomes = await Promise.all([first.outcome, second.outcome]);
  expect(outcomes.map((outcome) => answerOf(outcome).minute)).toEqual([60_000, 60_000]);
  expect(outcomes.filter((outcome) => INSTALLED.test(outcome.stderr))).toHaveLength(1);
});

it("refuses a package that is not the pinned bytes, and names the reason and the next step", async () => {
  const { checkout, run, hasProduction } = makeCheckout("tampered");
  editFile(join(checkout, "package-lock.json"), (text) => text.replace("sha512-6Flz", "sha512-7Flz"));
  const outcome = await run(["up", "--json"]);

  expect(outcome).toMatchObject({ exit: 5, stdout: "" });
  expect(outcome.stderr).toContain("npm error code EINTEGRITY");
  expect(outcome.stderr).toMatch(/elk-os: could not install the packages\n {8}the whole output: .+\n {8}next: /);
  expect(hasProduction()).toBe(false);
});

it("does without the package that it cannot compile, says so once, and works", async () => {
  const { checkout, runOn, hasNative, hasProduction } = makeCheckout("no-compiler");
  addNativePackage(checkout);
  const tools = await makePathWithoutCompiler(join(folder, "path-without-compiler"));
  const first = await runOn(tools);

  expect(answerOf(first).minute).toBe(60_000);
  expect(first.stderr).toMatch(INSTALLED);
  expect(first.stderr).toContain("hnswlib-node is not there (no compiler where it was installed?)");
  expect({ native: hasNative(), others: hasProduction() }).toEqual({ native: false, others: true });
  expect(wasFetched(/hnswlib-node-[\d.]+\.tgz/), "it was there to be compiled").toBe(true);
  expect(await runOn(tools)).toMatchObject({ exit: 0, stderr: "" });

  rmSync(join(checkout, "node_modules/.elk-os-stamp"));
  expect(await runOn(tools), "and is adopted without it").toMatchObject({ exit: 0, stderr: "" });
});

it("prints nothing but errors under ELK_OS_QUIET, and real ticks in a UTF-8 locale", async () => {
  const quiet = await makeCheckout("quiet").run(["version"], { ELK_OS_QUIET: "1" });
  expect(quiet).toMatchObject({ exit: 0, stderr: "" });

  const spoken = await makeCheckout("spoken").run(["version"], { LC_ALL: "C.UTF-8" });
  expect(spoken.stderr).toMatch(/^packages {2}✓ /);
  const ascii = await makeCheckout("ascii").run(["version", "--ascii"], { LC_ALL: "C.UTF-8" });
  expect(ascii.stderr).toMatch(INSTALLED);
});

it("rejects settings that it cannot follow, with exit 2", async () => {
  const { run } = makeCheckout("settings");
  expect(await run(["version"], { ELK_OS_INSTANCE: "../up" })).toMatchObject({ exit: 2, stdout: "" });
  expect(await run(["version"], { ELK_OS_NODE: "node" })).toMatchObject({ exit: 2, stdout: "" });
});
