import { type ChildProcess, fork } from "node:child_process";
import { on, once } from "node:events";
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { LockAnswer, LockRequest } from "../../../test/fault/fixtures/take-lock.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { currentBootId, nameProcess } from "../host/process-table.ts";
import { findHolder, type LockHolder, withLock } from "./lock.ts";

const TAKER = join(import.meta.dirname, "../../../test/fault/fixtures/take-lock.ts");

interface Taker {
  readonly child: ChildProcess;
  ask(request: LockRequest): Promise<LockAnswer>;
}

/** Another process that takes locks when told to; it does not outlive the test. */
function startTaker(): Taker {
  const child = fork(TAKER, { stdio: "inherit", execArgv: ["--disable-warning=ExperimentalWarning"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    child,
    async ask(request) {
      const path = request.take ?? request.release;
      const answers = on(child, "message") as AsyncIterable<readonly [LockAnswer]>;
      child.send(request);
      for await (const [answer] of answers) if ((answer.took ?? answer.released) === path) return answer;
      throw new Error("The taker ended without an answer.");
    },
  };
}

async function kill({ child }: Taker): Promise<void> {
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

const lockPath = () => join(temporaryFolder(), "lock");

/** The name of a process that has ended. */
async function deadProcess(): Promise<Pick<LockHolder, "pid" | "startTicks" | "bootId">> {
  const taker = startTaker();
  const name = nameProcess(taker.child.pid ?? 0);
  await kill(taker);
  if (name === null) throw new Error("The process had ended before it was named.");
  return name;
}

function writeLock(path: string, holder: Partial<LockHolder>): void {
  const self = nameProcess(process.pid);
  writeFileSync(path, JSON.stringify({ ...self, command: "up", at: "2026-01-01T00:00:00.000Z", ...holder }));
}

const take = (path: string) => withLock({ path, command: "doctor" }, async () => findHolder(path)?.command);

test("names its holder while work runs, and is gone afterwards", async () => {
  const path = lockPath();
  const holder = await withLock({ path, command: "up" }, async () => findHolder(path));
  expect(holder).toMatchObject({ ...nameProcess(process.pid), command: "up" });
  expect(readdirSync(dirname(path))).toEqual([]);
});

test("is gone after work that threw, too, and hands the error on", async () => {
  const path = lockPath();
  await expect(withLock({ path, command: "up" }, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(existsSync(path)).toBe(false);
  expect(await take(path)).toBe("doctor");
});

test("is refused while a live process holds it, naming pid, command and start; then it is free", async () => {
  const path = lockPath();
  const taker = startTaker();
  await taker.ask({ take: path });
  const before = readFileSync(path, "utf8");
  await expect(take(path)).rejects.toMatchObject({
    code: "LOCK_HELD",
    exit: 6,
    message: expect.stringMatching(new RegExp(`^\`elk-os up\` \\(pid ${taker.child.pid}, since 20`)),
    facts: { pid: taker.child.pid, command: "up" },
  });
  expect(readFileSync(path, "utf8")).toBe(before);
  await taker.ask({ release: path });
  expect(await take(path)).toBe("doctor");
});

test("is refused to a second command of the same process", async () => {
  const path = lockPath();
  const inner = withLock({ path, command: "up" }, () => take(path));
  await expect(inner).rejects.toMatchObject({ code: "LOCK_HELD" });
  expect(existsSync(path)).toBe(false);
});

describe("is stale, and taken over,", () => {
  test("when its holder was killed", async () => {
    const path = lockPath();
    const taker = startTaker();
    await taker.ask({ take: path });
    await kill(taker);
    expect(existsSync(path)).toBe(true);
    expect(await take(path)).toBe("doctor");
  });

  test("when another process has the holder's pid by now", async () => {
    const path = lockPath();
    const name = nameProcess(process.pid);
    writeLock(path, { startTicks: (name?.startTicks ?? 0) - 1 });
    expect(await take(path)).toBe("doctor");
  });

  test("when it is from before a reboot, whatever pid and start time say", async () => {
    const path = lockPath();
    writeLock(path, { bootId: "00000000-0000-0000-0000-000000000000" });
    expect(await take(path)).toBe("doctor");
  });

  test.each(["", "{ torn", "null", '{"pid":1}', "812\n"])("when it is no lock (%j)", async (text) => {
    const path = lockPath();
    writeFileSync(path, text);
    expect(findHolder(path)).toBeNull();
    expect(await take(path)).toBe("doctor");
  });
});

test("is never stale by age", async () => {
  const path = lockPath();
  writeLock(path, { at: "1999-01-01T00:00:00.000Z", bootId: currentBootId() });
  utimesSync(path, 0, 0);
  await expect(take(path)).rejects.toMatchObject({ code: "LOCK_HELD" });
});

test("has one winner whenever processes race, for a stale lock and for none", async () => {
  const ROUNDS = 40;
  const folder = temporaryFolder();
  const takers = [startTaker(), startTaker(), startTaker(), startTaker()];
  const stale = await deadProcess();
  for (let round = 0; round < ROUNDS; round++) {
    const path = join(folder, `lock-${round}`);
    if (round % 2 === 0) writeLock(path, stale);
    const answers = await Promise.all(takers.map((taker) => taker.ask({ take: path })));
    const winner = takers[answers.findIndex(({ by }) => by === "me")];
    expect(answers.map(({ by }) => by).sort(), `round ${round}`).toEqual(["LOCK_HELD", "LOCK_HELD", "LOCK_HELD", "me"]);
    expect(findHolder(path)?.pid).toBe(winner?.child.pid);
    await winner?.ask({ release: path });
    expect(existsSync(path)).toBe(false);
  }
});
