/** Harms to a running upgrade, in each of the steps that its record names, and how it must end in spite of them. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { EXIT } from "../../cli/src/errors/catalog.ts";
import { processesBelow } from "../../cli/src/host/process-table.ts";
import { expectGreen, newestMigration } from "./doctor.ts";
import { eventually } from "./processes.ts";
import { pairOf, type ReleasedCheckout } from "./released-checkout.ts";
import type { SmallDisk } from "./small-disk.ts";
import type { Ran, Stack } from "./stack.ts";
import { addTask, countTasks } from "./titled-tasks.ts";

const UPGRADE_MS = 300_000;
const TEST_MS = 900_000;

const recorded = z.looseObject({ step: z.string(), undo: z.object({ kept: z.string() }).nullable() });
export interface Moment {
  readonly what: string;
  readonly isIt: (record: z.infer<typeof recorded>) => boolean;
}

const before = (step: string): Moment => ({ what: `before "${step}"`, isIt: (record) => record.step === step });
export const MOMENTS = {
  pull: before("pull"),
  backup: before("backup"),
  switch: before("switch"),
  up: before("up"),
  rollback: before("rollback"),
  /** The backup of before is about to take the board's place. */
  putBack: { what: "before the data goes back", isIt: ({ step, undo }) => step === "rollback" && undo !== null },
} as const satisfies Readonly<Record<string, Moment>>;

/** Moments in the order in which an upgrade comes to them, with what is done to it then. */
export type Harms = readonly (readonly [Moment, Harm])[];

/** In every step to a release that gets green. */
export const forward = (harm: Harm): Harms => [
  [MOMENTS.pull, harm],
  [MOMENTS.backup, harm],
  [MOMENTS.switch, harm],
  [MOMENTS.up, harm],
];
/** In every step to one that does not, and back. */
export const back = (harm: Harm): Harms => [
  [MOMENTS.up, harm],
  [MOMENTS.rollback, harm],
  [MOMENTS.putBack, harm],
];

export interface Harm {
  /** Does it to a running upgrade; what it answers is taken back when that has ended. */
  readonly hit: (pid: number) => () => void | Promise<void>;
  readonly expectHit: (ran: Ran) => void;
}

/** The whole tree of its processes, each of which is halted first: one that is started in between would live on. */
export const KILLED: Harm = {
  hit(pid) {
    const halted = new Set<number>();
    for (let known = -1; known !== halted.size; ) {
      known = halted.size;
      for (const { pid: each } of processesBelow(pid)) {
        send(each, "SIGSTOP");
        halted.add(each);
      }
    }
    for (const each of halted) send(each, "SIGKILL");
    return () => undefined;
  },
  expectHit: (ran) => expect(ran.signal, said(ran)).toBe("SIGKILL"),
};

/** About `leave` bytes are left on the disk, which has `bytes` in all, until the upgrade has ended. */
export function outOfDisk(find: () => SmallDisk | null, bytes: number, leave: number): Harm {
  return {
    hit() {
      const disk = find();
      if (disk === null) throw new Error("There is no disk that could be filled.");
      disk.tighten(leave);
      return () => disk.resize(bytes);
    },
    expectHit: (ran) => expect([EXIT.phaseFailed, EXIT.rolledBack, EXIT.rollbackFailed], said(ran)).toContain(ran.exit),
  };
}

interface HarmedStack {
  readonly stack: Stack;
  readonly checkout: ReleasedCheckout;
}

export interface Case {
  /** Ends the sentence "an upgrade that is". */
  readonly harm: string;
  /** Which releases it goes to (released-checkout.ts). Cases of one stack have 1, 2, 3, in this order. */
  readonly pair: number;
  readonly forward: Harms;
  readonly back: Harms;
  /** Default false. */
  readonly isSkipped?: boolean;
}

/** Tests that an upgrade, and one that is undone, end whole in spite of it: on the release they must, with every task, a sound log and a green board. */
export function endsWhole(
  { harm, pair, forward: onTheWay, back: goingBack, isSkipped = false }: Case,
  find: () => HarmedStack,
): void {
  const { sound, red } = pairOf(pair);
  const titles = [`before ${sound}`, `before ${red}`] as const;

  describe.skipIf(isSkipped)(`an upgrade that is ${harm}`, { timeout: TEST_MS }, () => {
    it("in each of its steps ends on the new release, with everything that was on the board", async ({ annotate }) => {
      const harmed = find();
      await timed(annotate, "a task", () => addTask(harmed.stack, titles[0]));
      await harmInTurn(harmed, sound, onTheWay, annotate);
      const ended = await timed(annotate, "undisturbed", () => upgradeTo(harmed, sound));
      // The last harm may have left it going back, which has an end of its own.
      const went = ended.exit === EXIT.rolledBack ? await upgradeTo(harmed, sound) : ended;
      expect(went, said(went)).toMatchObject({ exit: EXIT.ok, json: { ok: true } });
      await timed(annotate, "looked at", () => expectWhole(harmed, pair, [titles[0]]));
    });

    it("in each step of going back ends on the release of before, with everything that was on the board", async ({
      annotate,
    }) => {
      const harmed = find();
      await timed(annotate, "a task", () => addTask(harmed.stack, titles[1]));
      await harmInTurn(harmed, red, goingBack, annotate);
      const went = await timed(annotate, "undisturbed", () => upgradeTo(harmed, red));
      expect(went, said(went)).toMatchObject({
        exit: EXIT.rolledBack,
        json: { error: { code: "UPGRADE_ROLLED_BACK" } },
      });
      await timed(annotate, "looked at", () => expectWhole(harmed, pair, titles));
    });
  });
}

type Tell = (sentence: string) => Promise<unknown>;

async function timed<T>(tell: Tell, what: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  await tell(`${what}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
  return result;
}

/** One that was undone by the harm before has to begin again before it comes to the next moment. */
async function harmInTurn({ stack }: HarmedStack, release: string, harms: Harms, tell: Tell): Promise<void> {
  for (const [{ what, isIt }, { hit, expectHit }] of harms) {
    for (let isHit = false; !isHit; ) {
      const startedAt = performance.now();
      const { child, ended } = stack.start(["upgrade", release, "--json"], { timeoutMs: UPGRADE_MS });
      await eventually(what, () => child.exitCode !== null || isNow(stack, isIt), UPGRADE_MS);
      isHit = child.exitCode === null;
      const takeBack = isHit ? hit(child.pid ?? 0) : () => undefined;
      const ran = await ended.finally(takeBack);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      await tell(`${isHit ? what : `not yet ${what}`}: ended with ${ran.exit ?? ran.signal} after ${seconds} s`);
      if (isHit) expectHit(ran);
      else expect(ran.exit, said(ran)).toBe(EXIT.rolledBack);
    }
  }
}

/** Undisturbed. */
const upgradeTo = ({ stack }: HarmedStack, release: string): Promise<Ran> =>
  stack.run(["upgrade", release, "--json"], { timeoutMs: UPGRADE_MS });

async function expectWhole({ stack, checkout }: HarmedStack, pair: number, titles: readonly string[]): Promise<void> {
  const { sound, migration } = pairOf(pair);
  expect(checkout.git("rev-parse", "HEAD")).toBe(checkout.git("rev-parse", `${sound}^{commit}`));
  expect(await newestMigration(stack)).toBe(migration);
  expect(await Promise.all(titles.map((title) => countTasks(stack, title)))).toEqual(titles.map(() => 1));
  const verified = await stack.run(["events", "verify", "--json"]);
  expect(verified, verified.stdout).toMatchObject({ exit: 0, json: { ok: true } });
  await expectGreen(stack);
}

function isNow({ stateDir }: Stack, isIt: Moment["isIt"]): boolean {
  const path = join(stateDir, "upgrade.json");
  return existsSync(path) && isIt(recorded.parse(JSON.parse(readFileSync(path, "utf8"))));
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It had ended.
  }
}

const said = ({ stdout, stderr }: Ran) => `${stdout}${stderr}`;
