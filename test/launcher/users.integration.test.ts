import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, constants, copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultInstance, defaultStateDir } from "../../cli/src/state/state-dir.ts";
import { editFile, makeFixtureCheckout, makeFolder, removeFolder } from "./fixture-checkout.ts";
import { answerOf, CHECKOUT, launch, makeModernPath, makePath } from "./launch.ts";

/** The uid of `nobody` on Linux: an ordinary user with nothing of its own. */
const NOBODY = 65534;
const isRoot = userInfo().uid === 0;
const plainUser = isRoot ? { uid: NOBODY } : {};

const folder = makeFolder("users");
let withNpm = "";
let modern = "";
beforeAll(async () => {
  withNpm = await makePath(join(folder, "path-npm"), ["npm"]);
  modern = await makeModernPath(join(folder, "path-modern"));
});
afterAll(() => removeFolder(folder));

function giveToPlainUser(path: string): void {
  if (!isRoot) return;
  chownSync(path, NOBODY, NOBODY);
  if (!statSync(path).isDirectory()) return;
  for (const entry of readdirSync(path)) giveToPlainUser(join(path, entry));
}

describe("a plain user", () => {
  it("gets Node and packages from nothing, all below the checkout", async () => {
    const checkout = makeFixtureCheckout(join(folder, "plain"));
    giveToPlainUser(checkout);
    const answer = answerOf(await launch(join(checkout, "bin/elk-os"), { path: withNpm, ...plainUser }));

    expect(answer.node.startsWith(join(checkout, ".elk-os/cache/toolchain-"))).toBe(true);
    expect(answer.cache).toBe(join(checkout, ".elk-os/cache/npm"));
    expect(statSync(join(checkout, ".elk-os")).mode & 0o777).toBe(0o711);
  });

  it("runs a checkout that it cannot write, and is told who must update it", async () => {
    const checkout = makeFixtureCheckout(join(folder, "read-only"));
    const launcher = join(checkout, "bin/elk-os");
    answerOf(await launch(launcher, { path: modern, env: { ELK_OS_STATE_DIR: join(folder, "read-only-state") } }));
    chmodSync(checkout, 0o555);
    chmodSync(join(checkout, "node_modules"), 0o555);

    const settings = { path: modern, env: { ELK_OS_STATE_DIR: "/nonexistent/state" }, ...plainUser };
    const right = await launch(launcher, settings);
    expect(right).toMatchObject({ exit: 0, stderr: "" });

    editFile(join(checkout, "package-lock.json"), (text) => text.replace('"version": "2.1.3"', '"version": "2.1.2"'));
    const stale = await launch(launcher, settings);
    expect(stale).toMatchObject({ exit: 5, stdout: "" });
    expect(stale.stderr).toContain("missing or out of date, and it is read-only for");
    expect(stale.stderr).toContain("next: run elk-os once as the owner of that folder");
    chmodSync(checkout, 0o755);
    chmodSync(join(checkout, "node_modules"), 0o755);
  });

  it("is told when its state folder cannot be made", async () => {
    const checkout = makeFixtureCheckout(join(folder, "no-state"));
    const env = { ELK_OS_STATE_DIR: "/proc/elk-os" };
    const outcome = await launch(join(checkout, "bin/elk-os"), { path: withNpm, env, ...plainUser });

    expect(outcome).toMatchObject({ exit: 5, stdout: "" });
    expect(outcome.stderr).toContain("elk-os: cannot write to /proc/elk-os/cache");
  });
});

describe.skipIf(!isRoot)("root", () => {
  it("passes over a Node that the services' user could not run", async () => {
    const home = join(folder, "home");
    mkdirSync(join(home, "bin"), { recursive: true });
    copyFileSync(process.execPath, join(home, "bin/node"), constants.COPYFILE_FICLONE);
    chmodSync(home, 0o700);
    const checkout = makeFixtureCheckout(join(home, "work"));
    const state = join(folder, "home-state");
    const env = { ELK_OS_STATE_DIR: state, ELK_OS_NODE: join(home, "bin/node") };
    const outcome = await launch(join(checkout, "bin/elk-os"), { path: withNpm, env });

    expect(outcome.stderr).toContain("ELK_OS_NODE is not used: other users cannot run it");
    const { node } = answerOf(outcome);
    expect(node.startsWith(join(state, "cache/toolchain-"))).toBe(true);
    const seenByOthers = await launch(node, { path: withNpm, args: ["--version"], uid: NOBODY });
    expect(seenByOthers.exit).toBe(0);

    const openEnv = { ELK_OS_STATE_DIR: state, ELK_OS_NODE: node };
    const open = await launch(join(checkout, "bin/elk-os"), { path: withNpm, env: openEnv });
    expect(open).toMatchObject({ exit: 0, stderr: "" });
  });
});

describe("the state folder", () => {
  /** What bin/launcher/state-dir.sh answers; only `id` is replaced, so that root's answer can be asked for by anyone. */
  function askLauncher(
    checkout: string,
    isRootThere: boolean,
    env: Record<string, string>,
    args: readonly string[] = [],
  ) {
    const script = `fail() { echo "$2"; exit "$1"; }
      id() { echo ${isRootThere ? 0 : 1000}; }
      root=$1; shift
      . "${CHECKOUT}/bin/launcher/state-dir.sh"
      set_state_dir "$@"; printf '%s\\n%s' "$state" "$cache"`;
    const answer = execFileSync("sh", ["-c", script, "sh", checkout, ...args], {
      encoding: "utf8",
      env: { PATH: "/usr/bin:/bin", ...env },
    });
    const [state, cache] = answer.split("\n");
    return { state, cache };
  }

  it("is the same for the launcher and the CLI", () => {
    const names = ["muster", "Muster", "--odd", "a b.c_d", "Ünïcode", "日本", "x".repeat(60), "9 lives", "a--b"];
    for (const checkout of names.map((name) => `/srv/${name}`)) {
      for (const asRoot of [true, false]) {
        const expected = defaultStateDir({ checkout, instance: defaultInstance(checkout), isRoot: asRoot });
        expect(askLauncher(checkout, asRoot, {})).toEqual({ state: expected, cache: `${expected}/cache` });
      }
    }
  });

  it("comes from --state-dir, then the environment, then .env; a relative one lies in the checkout", () => {
    const checkout = makeFixtureCheckout(join(folder, "dotenv"));
    expect(existsSync(join(checkout, ".env"))).toBe(false);
    execFileSync(
      "sh",
      [
        "-c",
        `printf '# ELK_OS_STATE_DIR=/no\\nexport ELK_OS_STATE_DIR="/from/.env"\\nELK_OS_CACHE_DIR=caches\\n' > .env`,
      ],
      {
        cwd: checkout,
      },
    );

    expect(askLauncher(checkout, false, {})).toEqual({ state: "/from/.env", cache: join(checkout, "caches") });
    expect(askLauncher(checkout, false, { ELK_OS_STATE_DIR: "here" }).state).toBe(join(checkout, "here"));
    const env = { ELK_OS_STATE_DIR: "/environment" };
    expect(askLauncher(checkout, false, env, ["up", "--state-dir", "/flag"]).state).toBe("/flag");
    expect(askLauncher(checkout, false, env, ["up", "--state-dir=/flag"]).state).toBe("/flag");
  });

  it("is named by ELK_OS_INSTANCE for root", () => {
    expect(askLauncher("/srv/muster", true, { ELK_OS_INSTANCE: "blue" }).state).toBe("/var/lib/elk-os/blue");
  });
});
