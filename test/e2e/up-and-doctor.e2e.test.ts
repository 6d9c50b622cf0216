import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { connectAgent } from "../support/agent-client.ts";
import { doctorAnswer, upAnswer } from "../support/answers.ts";
import { askSupervisor } from "../support/doctor.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Ran, Stack } from "../support/stack.ts";
import { secretsIn, secretsOf } from "../support/stack-secrets.ts";

const PHASES = ["init", "up", "migrate", "seed", "wire", "doctor"];

let stack: Stack;
let first: Ran;
beforeAll(async () => {
  ({ stack, up: first } = await sharedStack());
});

async function pids(): Promise<Readonly<Record<string, number | null>>> {
  const { json } = await stack.run(["status", "--json"]);
  const { services } = z
    .object({ services: z.array(z.object({ service: z.string(), pid: z.number().nullable() })) })
    .parse(json);
  return Object.fromEntries(services.map(({ service, pid }) => [service, pid]));
}

async function whoAmI(token: string): Promise<number> {
  const response = await fetch(`${stack.urls.directus}/users/me`, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
}

describe("up", () => {
  it("goes through every phase to a green board, and answers with one document", () => {
    const answer = upAnswer.parse(first.json);
    expect(first).toMatchObject({ exit: 0, stderr: "" });
    expect(first.stdout.trimEnd().split("\n")).toHaveLength(1);
    expect(answer).toMatchObject({ ok: true, driver: "embedded", doctor: { fail: 0, warn: 0 } });
    expect(answer.changed).toBeGreaterThan(0);
    expect(answer.doctor?.pass).toBeGreaterThan(30);
    expect(answer.phases.map(({ id, status }) => `${id} ${status}`)).toEqual(PHASES.map((id) => `${id} done`));
  });

  it("changes nothing the second time, and lets every process be", async () => {
    const before = await pids();
    const second = await stack.run(["up", "--json"]);
    const answer = upAnswer.parse(second.json);
    expect(second.exit).toBe(0);
    expect(answer.phases.filter(({ changed }) => changed > 0)).toEqual([]);
    expect(answer).toMatchObject({ ok: true, changed: 0, doctor: { fail: 0 } });
    expect(await pids()).toEqual(before);
    expect(Object.values(before)).not.toContain(null);
  });

  it("leaves nothing for plan to name", async () => {
    const plan = await stack.run(["plan", "--json"]);
    expect(plan).toMatchObject({ exit: 0, json: { ok: true, pending: 0 } });
  });
});

describe("doctor", () => {
  it("is green under --strict, with evidence for each check, and writes the same board as JUnit", async () => {
    const file = join(stack.folder, "doctor.xml");
    const ran = await stack.run(["doctor", "--strict", "--json", "--junit", file]);
    const { schema, ok, summary, checks } = doctorAnswer.parse(ran.json);
    expect(ran.exit).toBe(0);
    expect({ schema, ok }).toEqual({ schema: "muster.doctor/1", ok: true });
    expect(checks.filter(({ evidence }) => evidence.trim() === "")).toEqual([]);
    expect(checks.filter(({ status, evidence }) => status === "skip" && /^(blocked by|x$)/.test(evidence))).toEqual([]);
    expect(new Set(checks.map(({ id }) => id)).size).toBe(checks.length);
    const count = (status: string) => checks.filter((check) => check.status === status).length;
    expect(summary).toMatchObject({ pass: count("pass"), fail: 0, warn: 0, info: count("info"), skip: count("skip") });
    const memory = checks.find(({ id }) => id === "OPS-01");
    expect(memory).toMatchObject({
      status: "pass",
      evidence: expect.stringMatching(/^\d+ of \d+ MiB \(PSS; RSS \d+\): /),
    });
    for (const part of ["postgres", "directus", "rag", "portal", "supervisor"])
      expect(memory?.evidence).toMatch(new RegExp(`\\b${part} [1-9]\\d*\\b`));

    const xml = readFileSync(file, "utf8");
    expect(xml).toContain(`tests="${checks.length}" failures="0" errors="0"`);
    for (const { id } of checks) expect(xml).toContain(`name="${id} `);
  });

  it("proves the extension as often as it is asked", async () => {
    const headers = { authorization: `Bearer ${stack.secret("agent-a01")}` };
    const statuses: number[] = [];
    for (let times = 0; times < 25; times += 1) {
      const response = await fetch(`${stack.urls.directus}/muster/conflict`, { method: "POST", headers });
      await response.body?.cancel();
      statuses.push(response.status);
    }
    expect(new Set(statuses)).toEqual(new Set([409]));
  });

  it("lists each check with what it proves and how to mend it", async () => {
    const { json } = await stack.run(["doctor", "--list", "--json"]);
    const listed = z
      .object({ checks: z.array(z.object({ id: z.string(), title: z.string().min(15), fix: z.string().min(5) })) })
      .parse(json);
    expect(listed.checks.length).toBeGreaterThan(40);
  });
});

describe("what a person asks", () => {
  it("config answers with every key, where it came from, the addresses, and no secret", async () => {
    const { exit, json } = await stack.run(["config", "--json"]);
    const answer = z
      .object({
        keys: z.array(z.object({ key: z.string(), source: z.string().min(1) })),
        urls: z.record(z.string(), z.string()),
        secrets: z.array(z.object({ name: z.string(), value: z.literal("[redacted]"), present: z.literal(true) })),
      })
      .parse(json);
    expect(exit).toBe(0);
    expect(answer.urls).toMatchObject(stack.urls);
    expect(answer.keys.find(({ key }) => key === "ELK_OS_RAG_PORT")).toMatchObject({
      source: expect.stringContaining("environment"),
    });
    expect(answer.keys.find(({ key }) => key === "ELK_OS_MEMORY_BUDGET_MB")).toMatchObject({ source: "default" });
    expect(answer.secrets.length).toBeGreaterThanOrEqual(9);
  });

  it("status names each service with its process", async () => {
    const ran = await stack.run(["status", "--json"]);
    expect(ran.exit).toBe(0);
    expect(Object.keys(await pids())).toEqual(["postgres", "directus", "rag", "portal"]);
  });

  it("status does not look well while one service is stopped: 8, its name, and where to go from there", async () => {
    await askSupervisor(stack, { op: "stop", service: "portal" });
    try {
      const ran = await stack.run(["status", "--json"]);
      expect(ran).toMatchObject({ exit: 8, json: { ok: false } });
      const { services } = z
        .object({ services: z.array(z.object({ service: z.string(), state: z.string() })) })
        .parse(ran.json);
      expect(services.filter(({ state }) => state !== "running")).toEqual([{ service: "portal", state: "stopped" }]);
      const told = await stack.run(["status"]);
      expect(told.exit).toBe(8);
      expect(told.stdout).toMatch(/^portal +stopped /m);
      expect(told.stdout).toMatch(/^Next +elk-os up$/m);
      expect(told.stdout, "no address is offered as if all were well").not.toContain("http://");
    } finally {
      expect(await stack.run(["up", "--only", "up", "--json"])).toMatchObject({ exit: 0 });
    }
    expect(await stack.run(["status", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
  });

  it("idle says that a stack that was just raised is in use, and why", async () => {
    const ran = await stack.run(["idle", "--minutes", "10080", "--json"]);
    const answer = z.object({ ok: z.literal(false), idle: z.literal(false), reasons: z.array(z.string()) });
    expect(ran).toMatchObject({ exit: 9, stderr: "" });
    expect(answer.parse(ran.json).reasons).toContainEqual(expect.stringMatching(/^it was started \d+ minutes? ago$/));
  });

  it("support-bundle packs the facts, the same board as doctor and the logs, and no secret", async () => {
    const ran = await stack.run(["support-bundle", "--json"]);
    expect(ran, ran.stdout).toMatchObject({ exit: 0, json: { ok: true, changed: 1 } });
    const { archive, sha256, files } = z
      .object({ archive: z.string(), sha256: z.string(), files: z.array(z.string()) })
      .parse(ran.json);
    expect(createHash("sha256").update(readFileSync(archive)).digest("hex")).toBe(sha256);
    const unpacked = join(stack.folder, "support-unpacked");
    mkdirSync(unpacked);
    execFileSync("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1"]);
    expect(readdirSync(unpacked).sort()).toEqual(files.toSorted());
    const read = (name: string) => readFileSync(join(unpacked, name), "utf8");

    const secrets = secretsOf(stack);
    expect(secrets.size).toBeGreaterThan(8);
    for (const name of files) expect(secretsIn(read(name), secrets), name).toEqual([]);
    expect(JSON.parse(read("facts.json"))).toMatchObject({
      version: expect.any(String),
      driver: "embedded",
      services: ["postgres", "directus", "rag", "portal"].map((service) => ({ service, state: "running" })),
    });
    expect(JSON.parse(read("settings.json"))).toMatchObject({ settings: { ragPort: stack.ports.rag } });
    const { checks } = doctorAnswer.parse((await stack.run(["doctor", "--json"])).json);
    const said = z.array(z.object({ id: z.string(), status: z.string() })).parse(JSON.parse(read("doctor.json")));
    expect(said.map(({ id, status }) => `${id} ${status}`)).toEqual(checks.map(({ id, status }) => `${id} ${status}`));
    expect(read("journal.jsonl")).toContain('"step":"up/portal"');
    expect(read("logs.txt")).toMatch(/ directus /);
  });

  it("plan --cost says what a month costs, of which day the prices are, and what of the claim does not hold", async () => {
    const month = z.object({ hoursPerDay: z.number(), total: z.number().positive() });
    const answer = z.object({
      ok: z.literal(true),
      prices: z.object({ readAt: z.iso.date(), currency: z.literal("USD") }),
      month,
      others: z.array(month).min(1),
      claim: z.object({ holdsUpToHoursPerDay: z.number().positive(), holdsAlwaysOn: z.literal(false) }),
    });
    const costOf = async (...more: readonly string[]) => {
      const ran = await stack.run(["plan", "--cost", "--json", ...more]);
      expect(ran).toMatchObject({ exit: 0, stderr: "" });
      return answer.parse(ran.json);
    };
    const always = await costOf();
    const some = await costOf("--hours-per-day", "4");
    expect([always.month.hoursPerDay, some.month.hoursPerDay]).toEqual([24, 4]);
    expect(some.month.total).toBeLessThan(always.month.total);
    expect(await stack.run(["plan", "--cost", "--hours-per-day", "25", "--json"])).toMatchObject({
      exit: 2,
      json: { error: { code: "USAGE_INVALID" } },
    });
  });

  it("every answer for people is readable too, and shows no secret", async () => {
    // run() itself refuses output that holds a secret.
    for (const args of [["status"], ["config"], ["doctor"], ["logs", "directus"], ["version"], ["plan"]]) {
      const ran = await stack.run(args);
      expect(ran, args.join(" ")).toMatchObject({ exit: 0 });
      expect(ran.stdout.length, args.join(" ")).toBeGreaterThan(0);
    }
  });
});

describe("an agent", () => {
  const added = z.strictObject({
    ok: z.literal(true),
    changed: z.number(),
    name: z.string(),
    modelFamily: z.string(),
    userId: z.uuid(),
    tokenVariable: z.string(),
    tokenFile: z.string(),
  });

  it("is added with a token that only a file knows, and adding it again changes nothing", async () => {
    const args = ["agent", "add", "e2e-newcomer", "--model-family", "mistral", "--json"];
    const ran = await stack.run(args);
    expect(ran.exit).toBe(0);
    expect(added.parse(ran.json)).toMatchObject({
      changed: 1,
      name: "e2e-newcomer",
      modelFamily: "mistral",
      tokenVariable: "ELK_OS_TOKEN_E2E_NEWCOMER",
      tokenFile: "secrets/agent-e2e-newcomer",
    });
    expect(existsSync(join(stack.stateDir, "secrets/agent-e2e-newcomer"))).toBe(true);
    expect(await whoAmI(stack.secret("agent-e2e-newcomer"))).toBe(200);
    const newcomer = await connectAgent(stack.urls.mcp, stack.secret("agent-e2e-newcomer"));
    onTestFinished(() => newcomer.close());
    const query = { fields: ["id", "number", "title"], filter: { number: { _eq: 1 } } };
    const seeded = await newcomer.rows({ action: "read", collection: "os_tasks", query });
    expect(seeded).toEqual([{ id: expect.any(String), number: 1, title: expect.stringMatching(/\w/) }]);
    expect(added.parse((await stack.run(args)).json).changed).toBe(0);
  });

  it("is refused when its name, or its family, is none", async () => {
    expect(await stack.run(["agent", "add", "Bad Name", "--model-family", "x", "--json"])).toMatchObject({
      exit: 2,
      json: { ok: false, error: { code: "AGENT_INVALID" } },
    });
    expect(await stack.run(["agent", "add", "good-name", "--json"])).toMatchObject({
      exit: 2,
      json: { ok: false, error: { code: "AGENT_INVALID" } },
    });
  });

  it("is refused everywhere once it is suspended", async () => {
    expect(await stack.run(["agent", "suspend", "e2e-newcomer", "--json"])).toMatchObject({
      exit: 0,
      json: { ok: true, changed: 1 },
    });
    expect(await whoAmI(stack.secret("agent-e2e-newcomer"))).toBe(401);
    expect(await stack.run(["agent", "suspend", "e2e-newcomer", "--json"])).toMatchObject({ json: { changed: 0 } });
  });

  it("leaves the board green, added or suspended", async () => {
    const ran = await stack.run(["doctor", "--strict", "--json"]);
    const { checks } = doctorAnswer.parse(ran.json);
    expect(checks.filter(({ status }) => status !== "pass" && status !== "info" && status !== "skip")).toEqual([]);
    expect(ran.exit).toBe(0);
  });
});
