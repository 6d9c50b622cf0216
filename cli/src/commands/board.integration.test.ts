import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentBoard, bringUpAgentBoard } from "../../../test/support/agent-board.ts";
import { runCli, startCli } from "../../../test/support/run-cli.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { waitUntil } from "../host/wait.ts";

let board: AgentBoard;
let tokens: Readonly<Record<"a01" | "b01", string>>;

beforeAll(async () => {
  board = await bringUpAgentBoard("cli");
  tokens = { a01: await board.addAgent("a01", "x"), b01: await board.addAgent("b01", "y") };
});

afterAll(async () => {
  await board?.stop();
});

/** A state folder with the operator's token and a01's; b01's is in the environment. */
function place(port = new URL(board.url).port) {
  const state = temporaryFolder();
  const secrets = join(state, "secrets");
  mkdirSync(secrets, { mode: 0o700 });
  writeFileSync(join(secrets, "directus_admin_token"), board.adminToken, { mode: 0o600 });
  writeFileSync(join(secrets, "agent-a01"), tokens.a01, { mode: 0o600 });
  return { ELK_OS_STATE_DIR: state, ELK_OS_DIRECTUS_PORT: port, ELK_OS_TOKEN_B01: tokens.b01 };
}

async function ask(environment: Record<string, string>, ...args: string[]) {
  const { code, stdout } = await runCli(["board", ...args, "--json"], { environment });
  const answer: unknown = JSON.parse(stdout);
  return { code, answer };
}

describe("elk-os board", () => {
  it("takes a task from ready to done as two agents, one with its token in the environment", async () => {
    const { number } = await board.addReadyTask("By hand", { priority: "P0" });
    const task = String(number);
    const env = place();
    const a = ["--agent", "a01"];
    const b = ["--agent", "b01"];
    expect(await ask(env, "next", ...a)).toMatchObject({
      code: 0,
      answer: { claimed: true, fence: 1, session: "cli-a01", task: { number } },
    });
    expect((await ask(env, "claim", task, ...b)).answer).toMatchObject({
      error: { code: "BOARD_REFUSED", facts: { refusal: "MUSTER_CLAIM_CONFLICT" } },
    });
    expect((await ask(env, "note", task, "Seen.", "--kind", "finding", ...a)).code).toBe(0);
    const submitted = await ask(env, "submit", task, "--fence", "1", "--commit", "abc", ...a);
    expect(submitted).toMatchObject({ code: 0, answer: { status: "in_review" } });
    expect((await ask(env, "review", task, ...b)).answer).toMatchObject({ kind: "review", fence: 2 });
    const verdict = ["verdict", task, "pass", "--fence", "2", "--evidence", "Ran it.", "--checks", "0 npm test", ...b];
    expect(await ask(env, ...verdict)).toMatchObject({ code: 0, answer: { status: "done" } });
    expect((await ask(env, "find", "By hand")).answer).toMatchObject({ tasks: [{ number, status: "done" }] });
    const log = await ask(env, "log", "--task", task);
    expect(JSON.stringify(log.answer)).toContain('"submitted"');
  });

  it("adds, blocks, releases and draws, and says it in words without --json", async () => {
    const env = place();
    const first = await board.addReadyTask("Below");
    const added = await ask(
      env,
      "add",
      "demo",
      "Above",
      "--acceptance",
      "One,Two",
      "--depends-on",
      `#${first.number}`,
      "--ready",
    );
    expect(added).toMatchObject({ code: 0, answer: { status: "ready" } });
    const drawn = await runCli(["board", "graph"], { environment: env });
    expect(drawn.stdout).toMatch(new RegExp(`^#${first.number} ready {2}Below\\n {2}#\\d+ ready {2}Above`));
    await ask(env, "claim", String(first.number), "--agent", "a01");
    const block = ["block", String(first.number), "transient", "--fence", "1", "--reason", "Later.", "--agent", "a01"];
    expect((await ask(env, ...block)).answer).toMatchObject({ status: "blocked" });
    const shown = await runCli(["board", "show", String(first.number)], { environment: env });
    expect(shown.stdout).toContain("blocked");
  });

  it("prints one plain line per event when nobody looks at a terminal", async () => {
    const env = place();
    const { child, ended } = startCli(["board", "watch", "--for", "100"], { environment: env });
    let seen = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk.toString("utf8");
    });
    // It tells only what happens after its start, which a test cannot see: so something happens until it has told of it.
    const numbers: number[] = [];
    const hasToldOf = () => numbers.some((number) => seen.includes(`#${number} `));
    const told = await waitUntil(
      async () => {
        if (!hasToldOf()) numbers.push((await board.addReadyTask("Watched")).number);
        return hasToldOf();
      },
      { timeoutMs: 90_000, intervalMs: 1000 },
    );
    expect(told).toBe(true);
    child.kill("SIGTERM");
    const { code, stdout } = await ended;
    expect(code).toBe(143);
    expect(stdout).not.toContain("\u001b");
  });

  it("keeps an operation when the board is out of reach, says so with exit 8, and replays it exactly once", async () => {
    const { id, number } = await board.addReadyTask("Offline");
    const task = String(number);
    const online = place();
    await ask(online, "claim", task, "--agent", "a01");
    const offline = { ...online, ELK_OS_DIRECTUS_PORT: "62099" };
    const kept = await ask(offline, "submit", task, "--fence", "1", "--commit", "abc", "--agent", "a01");
    expect(kept).toMatchObject({ code: 8, answer: { error: { code: "BOARD_UNREACHABLE", facts: { kept: true } } } });
    expect((await ask(offline, "next", "--agent", "a01")).answer).not.toMatchObject({
      error: { facts: { kept: true } },
    });
    expect((await ask(offline, "replay", "--agent", "a01")).code).toBe(8);
    const replayed = await ask(online, "replay", "--agent", "a01");
    expect(replayed).toMatchObject({
      code: 0,
      answer: { replayed: [{ verb: "submit", result: "applied" }], waiting: 0 },
    });
    expect((await ask(online, "replay", "--agent", "a01")).answer).toMatchObject({ replayed: [] });
    expect(await board.fetchTask(id)).toMatchObject({ status: "in_review" });
  });

  it("keeps the late work of a claim that was taken away while the board was out of reach", async () => {
    const { id, number } = await board.addReadyTask("Late");
    const online = place();
    await ask(online, "claim", String(number), "--agent", "a01");
    const offline = { ...online, ELK_OS_DIRECTUS_PORT: "62099" };
    await ask(offline, "submit", String(number), "--fence", "1", "--commit", "late7", "--agent", "a01");
    await board.admin.request("PATCH", `/items/os_tasks/${id}`, { body: { claim_session: null, status: "ready" } });
    const replayed = await ask(online, "replay", "--agent", "a01");
    expect(replayed.answer).toMatchObject({ replayed: [{ result: "rejected", answer: { kept: expect.any(String) } }] });
    expect(JSON.stringify((await ask(online, "show", String(number))).answer)).toContain("late7");
  });

  it("says what is missing when there is no token", async () => {
    const { code, answer } = await ask(place(), "next", "--agent", "nobody");
    expect(code).toBe(2);
    expect(answer).toMatchObject({
      error: { code: "AGENT_INVALID", message: expect.stringContaining("ELK_OS_TOKEN_NOBODY") },
    });
  });
});
