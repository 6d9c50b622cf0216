/** Harm to the doors: Directus is killed under load, and comes back. Agents repeat what they heard nothing of, by its key. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { checkHistory } from "../../board/src/history/check-history.ts";
import { collectHistory } from "../../board/src/history/collect-history.ts";
import type { Call } from "../../board/src/history/history.ts";
import { readAnswer } from "../../board/src/history/read-answer.ts";
import { type Intent, Recorder } from "../../board/src/history/recorder.ts";
import { expectGreen, pidOf, withSuperuser } from "../support/doctor.ts";
import { eventually } from "../support/processes.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";
import { mcp, rest } from "../support/verb-doors.ts";

const AGENTS = ["kill-1", "kill-2", "kill-3", "kill-4"];
const TASKS = 150;
const KILLS = 2;
/** The shortest that the law grants, in seconds. */
const SHORTEST_LEASE = 15;
/** MAX_BATCH_MUTATION of Directus here. */
const MOST_AT_ONCE = 20;
/** Submissions before, between and after the kills. */
const STRETCH = 8;
const RETRY_MS = 100;
/** What a task takes: a kill then finds claims that are held, and the tasks outlast the kills on a fast machine. */
const WORK_MS = 400;
/** Longer than Directus takes to come back on a loaded machine. */
const BACK_TIMEOUT_MS = 120_000;
const PROJECT = "killed";

let stack: Stack;
const recorder = new Recorder();
let isOver = false;
let overAt = Number.POSITIVE_INFINITY;
const end = async () => {
  isOver = true;
  overAt = Math.min(overAt, performance.now());
  await Promise.all(fleet);
};
const fleet: Promise<void>[] = [];
const tasks: string[] = [];

const idRow = z.looseObject({ id: z.string() });
const grant = z.looseObject({ claimed: z.literal(true), task: idRow, fence: z.int() });

async function asSteward(method: string, path: string, body: object): Promise<unknown> {
  const headers = {
    Authorization: `Bearer ${stack.secret("directus_admin_token")}`,
    "Content-Type": "application/json",
  };
  const response = await fetch(`${stack.urls.directus}${path}`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${method} ${path} got ${response.status}: ${await response.text()}`);
  return response.json();
}

beforeAll(async () => {
  ({ stack } = await sharedStack());
  for (const name of AGENTS) {
    const added = await stack.run(["agent", "add", name, "--model-family", "kill", "--json"]);
    if (added.exit !== 0) throw new Error(`${name} was not added: ${added.stdout}`);
  }
  await asSteward("POST", "/items/os_projects", { key: PROJECT, name: "Killed", visibility: "private" });
  // Nobody beats here: while Directus is away the leases run out, and only the grace of the outage keeps them.
  const short = { lease_seconds: SHORTEST_LEASE };
  while (tasks.length < TASKS) {
    const task = { project: PROJECT, title: "Survive", acceptance: ["It is there afterwards."], ready: true };
    tasks.push(z.object({ data: idRow }).parse(await asSteward("POST", "/muster/add", task)).data.id);
  }
  for (let at = 0; at < TASKS; at += MOST_AT_ONCE)
    await asSteward("PATCH", "/items/os_tasks", { keys: tasks.slice(at, at + MOST_AT_ONCE), data: short });
});
afterAll(end);

/** Calls until it is known how the call ended, also past the end; null when it was refused, or when nobody answers any more. */
async function ask(door: typeof rest, token: string, args: object, intent: Intent & { readonly op: string }) {
  while (true) {
    const asked = performance.now();
    try {
      const said = await door(stack.urls.directus, token, intent.verb, { ...args, key: intent.op });
      if (said.ok) {
        recorder.add(intent, asked, "accepted", readAnswer(said.answer));
        return said.answer;
      }
      recorder.refuse(intent, asked, said.code);
      return null;
    } catch {
      // No answer, or none of the board: it may have happened.
      recorder.refuse(intent, asked, "NO_ANSWER", "unknown");
      if (performance.now() > overAt + BACK_TIMEOUT_MS) return null;
      await sleep(RETRY_MS);
    }
  }
}

async function work(name: string, door: typeof rest): Promise<void> {
  const token = stack.secret(`agent-${name}`);
  while (!isOver) {
    const claim = { client: name, verb: "next", op: randomUUID() };
    const held = grant.safeParse(await ask(door, token, { session: name, project: PROJECT }, claim));
    if (!held.success) {
      await sleep(RETRY_MS);
      continue;
    }
    const { task, fence } = held.data;
    await sleep(WORK_MS);
    const submission = { client: name, verb: "submit", op: randomUUID(), task: task.id, fence };
    await ask(door, token, { task: task.id, fence, commit: "3f9c1e2" }, submission);
  }
}

const accepted = (verb: string) => recorder.calls.filter((call) => call.verb === verb && call.result === "accepted");
const more = (count: number) => {
  const target = accepted("submit").length + count;
  return eventually(`${count} more submissions`, () => accepted("submit").length >= target, BACK_TIMEOUT_MS);
};
/** How the checker knows the verbs: by the law's own names. */
const lawful = (call: Call): Call => (call.verb === "next" ? { ...call, verb: "claim_next" } : call);

test("Directus kill -9 under load, twice: nothing acknowledged is lost, no grant is stranded, work goes on", async () => {
  fleet.push(...AGENTS.map((name, index) => work(name, index % 2 === 0 ? rest : mcp)));
  await more(STRETCH);
  const outages: { from: number; to: number; graceMs: number }[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    const from = Date.now();
    process.kill(await pidOf(stack, "directus"), "SIGKILL");
    await more(STRETCH);
    outages.push({ from, to: Date.now(), graceMs: 5_000 });
  }
  await end();
  await withSuperuser(stack, async (db) => {
    const board = await collectHistory(db, tasks);
    const calls = recorder.calls.map(lawful);
    expect(checkHistory({ calls, board, tickMs: null, clocks: null, incarnations: [], outages })).toEqual([]);
    // Each agent repeats until it knows, so every claim was told to somebody, and every submission that was told is there.
    const told = new Set(accepted("next").map(({ task, epoch }) => `${task} ${epoch}`));
    expect(board.claims.map(({ task, epoch }) => `${task} ${epoch}`).filter((key) => !told.has(key))).toEqual([]);
    const submitted = board.tasks.filter(({ row }) => row["status"] === "in_review").length;
    expect(submitted).toBeGreaterThanOrEqual(accepted("submit").length);
  });
  expect(recorder.codes["NO_ANSWER"]).toBeGreaterThan(0);
  await expectGreen(stack);
});
