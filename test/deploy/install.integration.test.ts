/** deploy/box/install.sh with every place moved into a folder of the test, and stand-ins for systemd, Caddy and elk-os that note what they are told. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { launch, makePath } from "../launcher/launch.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { CHECKOUT, INSTALLED_AT } from "./deploy-files.ts";

let root: string;
let installed: string;
let tools: string;

beforeEach(async () => {
  root = temporaryFolder();
  installed = join(root, "muster");
  cpSync(join(CHECKOUT, "deploy"), join(installed, "deploy"), { recursive: true });
  mkdirSync(join(root, "etc", "systemd", "system"), { recursive: true });
  mkdirSync(join(root, "state"));
  const script = join(installed, "deploy", "box", "install.sh");
  const moved = readFileSync(script, "utf8")
    .replaceAll(INSTALLED_AT, installed)
    .replaceAll("/var/lib/elk-os", join(root, "state"))
    .replaceAll("/etc/", `${join(root, "etc")}/`);
  writeFileSync(script, moved);
  execFileSync("git", ["-C", installed, "init", "--quiet"]);
  const identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
  execFileSync("git", ["-C", installed, ...identity, "commit", "--quiet", "--allow-empty", "-m", "release"]);

  tools = await makePath(join(root, "tools"), ["git", "install", "mktemp"]);
  standIn(
    join(tools, "systemctl"),
    'case "$*" in *is-active*) [ -e "$0.active" ] ;; "start muster.service") : >"$0.active" ;; esac',
  );
  standIn(join(tools, "systemd-sysusers"), "");
  standIn(join(tools, "caddy"), '[ ! -e "$0.refuses" ]');
  rmSync(join(tools, "id"));
  writeFileSync(join(tools, "id"), "#!/bin/sh\necho 0\n", { mode: 0o755 });
  mkdirSync(join(installed, "bin"));
  standIn(join(installed, "bin", "elk-os"), '[ ! -e "$0.red" ]');
});

/** A program that notes its name and arguments, and then does the rest. */
function standIn(path: string, rest: string): void {
  writeFileSync(path, `#!/bin/sh\necho "$(basename "$0") $*" >>'${join(root, "told")}'\n${rest}\n`, { mode: 0o755 });
}

async function install(...args: readonly string[]) {
  rmSync(join(root, "told"), { force: true });
  const script = join(installed, "deploy", "box", "install.sh");
  const outcome = await launch("/bin/sh", { path: tools, args: [script, ...args], cwd: root });
  const told = existsSync(join(root, "told")) ? readFileSync(join(root, "told"), "utf8").trim().split("\n") : [];
  return { ...outcome, told };
}

const proof = () => join(root, "state", ".bootstrapped");
const settings = () => (existsSync(join(installed, ".env")) ? readFileSync(join(installed, ".env"), "utf8") : "");

test("a machine gets the units and a green board, and no proxy that nobody named", async () => {
  const { exit, told, stderr } = await install();
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(readdirSync(join(root, "etc", "systemd", "system")).sort()).toEqual(
    readdirSync(join(CHECKOUT, "deploy", "systemd"))
      .filter((name) => /\.(service|timer)$/.test(name))
      .sort(),
  );
  expect(told.slice(1)).toEqual([
    "systemctl daemon-reload",
    "systemctl enable --quiet muster.service muster-doctor.timer",
    "systemctl --quiet is-active muster.service",
    "systemctl start muster.service",
    "systemctl start muster-doctor.timer",
    "elk-os doctor",
  ]);
  expect(settings()).toBe("");
  expect(readFileSync(proof(), "utf8").trim()).toMatch(/^[0-9a-f]{40}$/);
});

test("a machine whose checkout came out of a bundle says the commit that the bundle says", async () => {
  rmSync(join(installed, ".git"), { recursive: true });
  const commit = "0123456789abcdef0123456789abcdef01234567";
  writeFileSync(join(installed, "release.json"), `${JSON.stringify({ version: "0.1.0", commit }, null, 2)}\n`);
  expect(await install()).toMatchObject({ exit: 0, stderr: "" });
  expect(readFileSync(proof(), "utf8")).toBe(`${commit}\n`);
});

test("a machine where it runs is told to take up what is new, and is not stopped", async () => {
  await install();
  const { exit, told } = await install();
  expect(exit).toBe(0);
  expect(told).toContain("systemctl reload muster.service");
  expect(told.filter((line) => /start muster\.service|stop|restart/.test(line))).toEqual([]);
});

test("a name brings the proxy, and strangers see less", async () => {
  for (const _ of ["once", "twice"]) {
    const { exit, told } = await install("muster.example.org");
    expect(exit).toBe(0);
    expect(told).toContain("systemctl reload-or-restart caddy.service");
  }
  expect(readFileSync(join(root, "etc", "caddy", "Caddyfile"), "utf8")).toMatch(/^muster\.example\.org \{$/m);
  expect(settings()).toBe("ELK_OS_PORTAL_PUBLIC=true\n");
});

test("what the operator set for strangers stays", async () => {
  appendFileSync(join(installed, ".env"), "ELK_OS_PORTAL_PUBLIC=false\n");
  await install("muster.example.org");
  expect(settings()).toBe("ELK_OS_PORTAL_PUBLIC=false\n");
});

test("a site that the proxy refuses replaces none", async () => {
  writeFileSync(join(tools, "caddy.refuses"), "");
  const { exit, told } = await install("muster.example.org");
  expect(exit).not.toBe(0);
  expect(existsSync(join(root, "etc", "caddy", "Caddyfile"))).toBe(false);
  expect(told.join()).not.toContain("caddy.service");
});

test("a red board takes the proof away and is the answer", async () => {
  await install();
  writeFileSync(join(installed, "bin", "elk-os.red"), "");
  expect((await install()).exit).toBe(1);
  expect(existsSync(proof())).toBe(false);
});

test.each(["a;b", "Muster.example.com", "-x.example.com", "a/b"])(
  "the name %j is refused before anything is done",
  async (name) => {
    const { exit, told, stderr } = await install(name);
    expect({ exit, told }).toEqual({ exit: 2, told: [] });
    expect(stderr).toContain(`not a domain name: ${name}`);
  },
);
