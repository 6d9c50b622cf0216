import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { programsOf } from "./running.ts";

let ended: number;
let running: ChildProcess;
beforeAll(async () => {
  const short = spawn("true");
  ended = short.pid ?? 0;
  await once(short, "exit");
  running = spawn("sleep", ["600"]);
  await once(running, "spawn");
});
afterAll(() => running.kill());

test("a program is of the architecture that its file says", () => {
  const pid = running.pid ?? 0;
  expect(programsOf("postgres", pid, [pid])).toEqual([{ service: "postgres", pid, architecture: process.arch }]);
});

test("a process that ended since it was listed is none, and no fault of the board", () => {
  const pid = running.pid ?? 0;
  expect(programsOf("postgres", pid, [pid, ended]).map((program) => program.pid)).toEqual([pid]);
});

test("a service whose own process has ended does not run", () => {
  expect(programsOf("postgres", ended, [ended])).toEqual([{ service: "postgres", pid: ended, architecture: null }]);
});
