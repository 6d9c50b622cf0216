/** Who may run it: root with a checkout that nobody else can read. A plain user with a checkout of its own: upgrade.e2e.test.ts. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../cli/src/config/load.ts";
import { upAnswer } from "../support/answers.ts";
import { copyCheckout } from "../support/copy-checkout.ts";
import { pidsOf } from "../support/doctor.ts";
import { linkCache } from "../support/linked-cache.ts";
import { CHECKOUT, raiseStack, type Stack } from "../support/stack.ts";

const PHASES = ["P0", "P1", "P2", "P3", "P4", "P5", "P6", "P7"];
const SERVICES = ["postgres", "directus", "rag", "portal"];

let folder: string;
let stack: Stack | null = null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "muster-user-"));
  chmodSync(folder, 0o711);
});
afterEach(async () => {
  const ended = stack;
  stack = null;
  await ended?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function expectGreenBoard(raised: Stack): Promise<void> {
  const doctor = await raised.run(["doctor", "--strict", "--json"]);
  expect(doctor, doctor.stdout).toMatchObject({ exit: 0, json: { ok: true } });
  const again = await raised.run(["up", "--json"]);
  expect(upAnswer.parse(again.json)).toMatchObject({ ok: true, changed: 0 });
}

async function ownersOf(raised: Stack): Promise<readonly number[]> {
  const pids = await pidsOf(raised, SERVICES);
  return pids.map((pid) => Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]));
}

/** The board of the analogelk profile, as the portal's HTML has it: eight phases, each with its own verified tasks. */
async function expectBuildTrail({ urls }: Stack): Promise<void> {
  const read = async (path: string) => {
    const answer = await fetch(`${urls.portal}${path}`);
    expect([path, answer.status]).toEqual([path, 200]);
    return answer.text();
  };
  const board = await read("/board");
  for (const phase of PHASES) expect(board).toContain(`href="/board?phase=${phase}"`);
  for (const phase of PHASES) {
    const done = (await read(`/board?phase=${phase}`)).split('<h2 id="done">')[1] ?? "";
    expect(done, `${phase} has a task in the column of what is done`).toContain('href="/tasks/');
  }
}

// Without root no test can become another user; then every other file here is the proof for a plain user.
describe.skipIf(userInfo().uid !== 0)("as root, for", () => {
  it("itself, with the checkout below a folder that only root may enter", async () => {
    const home = join(folder, "home");
    mkdirSync(home, { mode: 0o700 });
    const checkout = join(home, "checkout");
    copyCheckout(checkout, { uid: 0, gid: 0 });
    const cache = linkCache(loadConfig({ checkout: CHECKOUT }).value.cacheDir, join(folder, "cache"));
    // The other profile: what a profile brings is read and copied by the same code, and its wiring differs.
    ({ stack } = await raiseStack({ checkout, cacheDir: cache.path, profile: "analogelk" }));
    await expectGreenBoard(stack);
    await expectBuildTrail(stack);
    const owners = new Set(await ownersOf(stack));
    expect(owners.size).toBe(1);
    expect(owners).not.toContain(0);
  });
});

describe.skipIf(userInfo().uid === 0)("as a plain user", () => {
  it("the analogelk profile is raised to green, too", async () => {
    ({ stack } = await raiseStack({ profile: "analogelk" }));
    await expectGreenBoard(stack);
    await expectBuildTrail(stack);
  });
});
