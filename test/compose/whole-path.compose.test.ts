/** The whole path on a real engine: from an empty volume to a green board, the claim race, the portal in a browser, and nothing left. */
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { connectAgent } from "../support/agent-client.ts";
import { doctorAnswer, upAnswer } from "../support/answers.ts";
import { openBrowser } from "../support/browser.ts";
import { type ComposeProject, findComposeProject } from "../support/compose-project.ts";
import { type Engine, openEngine } from "../support/engine.ts";
import { layOutStack, type Ran, type Stack } from "../support/stack.ts";
import { titleOrWhy } from "../support/title-or-why.ts";

const UP_MS = 20 * 60_000;
const RACERS = 6;
const TASKS = 4;
const LOST = ["MUSTER_CLAIM_CONFLICT", "MUSTER_WIP_LIMIT"];
const CONTAINERS = ["caddy", "directus", "portal", "postgres", "rag"];

const engine: Engine = await openEngine();
if (engine.kind === "none") process.stderr.write(`compose: skipped, no engine can run here: ${engine.why}\n`);

let stack: Stack;
let first: Ran;
let project: ComposeProject;

function docker(...args: readonly string[]): string {
  if (engine.kind === "none") throw new Error(engine.why);
  return engine.docker(...args);
}

const ids = () => project.containers();

async function doctor(...args: readonly string[]) {
  const ran = await stack.run(["doctor", "--json", ...args]);
  return doctorAnswer.parse(ran.json);
}

/** Red checks that are no mere consequence of another. */
async function redChecks(...args: readonly string[]): Promise<readonly string[]> {
  const { checks } = await doctor(...args);
  return checks.filter(({ status }) => status === "fail" || status === "error").map(({ id }) => id);
}

describe.skipIf(engine.kind === "none")(titleOrWhy("compose", engine), () => {
  beforeAll(async () => {
    if (engine.kind === "none") return;
    stack = await layOutStack({ environment: { ...engine.environment, ELK_OS_DRIVER: "compose" } });
    first = await stack.run(["up", "--json"], { timeoutMs: UP_MS });
    project = findComposeProject(docker, stack);
  });
  afterAll(async () => {
    if (engine.kind === "none") return;
    try {
      await stack.run(["reset", "--yes"]);
      await stack.dispose();
    } finally {
      await engine.stop();
    }
  });

  it("up goes from an empty volume to a green board", () => {
    expect(first, first.stdout + first.stderr).toMatchObject({ exit: 0 });
    const answer = upAnswer.parse(first.json);
    expect(answer).toMatchObject({ ok: true, driver: "compose", doctor: { fail: 0, warn: 0 } });
    expect(answer.doctor?.pass).toBeGreaterThan(45);
  });

  it("a second up changes nothing and keeps every container", async () => {
    const before = ids();
    const second = upAnswer.parse((await stack.run(["up", "--json"])).json);
    expect(second).toMatchObject({ ok: true, changed: 0, doctor: { fail: 0 } });
    expect(ids()).toEqual(before);
    expect(before).toHaveLength(CONTAINERS.length);
  });

  it("skips what is for processes, with the reason, and looks at containers instead", async () => {
    const { checks } = await doctor();
    const statusOf = (id: string) => checks.find((check) => check.id === id)?.status;
    for (const id of ["EMB-01", "EMB-02", "EMB-05", "EMB-07", "EMB-08", "TRAIL-01"])
      expect(statusOf(id), id).toBe("skip");
    for (const id of [
      "DOCK-03",
      "DOCK-05",
      "DOCK-06",
      "DOCK-07",
      "DOCK-08",
      "DOCK-09",
      "DOCK-10",
      "IMG-02",
      "IMG-04",
      "NET-01",
    ])
      expect(statusOf(id), id).toBe("pass");
    expect(checks.filter(({ status, evidence }) => status === "skip" && evidence.startsWith("blocked by"))).toEqual([]);
  });

  it("no secret stands in what the engine tells of a container, and none in a log", () => {
    const told = docker("inspect", ...ids());
    const logs = ids()
      .map((id) => (engine.kind === "none" ? "" : engine.logs(id)))
      .join("\n");
    expect(logs).toContain("database system is ready to accept connections");
    for (const name of [
      "instance_key",
      "postgres_superuser_password",
      "muster_directus_password",
      "muster_portal_password",
      "directus_secret",
      "directus_admin_token",
      "directus_admin_password",
      "rag_key",
    ]) {
      expect(told.includes(stack.secret(name)), name).toBe(false);
      expect(logs.includes(stack.secret(name)), name).toBe(false);
    }
  });

  it("shows the end of every container's log in order of time, and no secret", async () => {
    const answer = z.object({ merged: z.array(z.object({ at: z.string().nullable(), service: z.string() })) });
    const { merged } = answer.parse((await stack.run(["logs", "--merge", "--lines", "50", "--json"])).json);
    expect([...new Set(merged.map(({ service }) => service))].sort()).toEqual(CONTAINERS);
    const times = merged.flatMap(({ at }) => (at === null ? [] : [at]));
    expect(times).toEqual(times.toSorted());
  });

  it("a backup is restored into a scratch server of its own and compared, and nothing of that is left", async () => {
    const made = await stack.run(["backup", "create", "--json"], { timeoutMs: UP_MS });
    expect(made, made.stdout + made.stderr).toMatchObject({ exit: 0, json: { ok: true, backup: { valid: true } } });
    expect(docker("ps", "--all", "--quiet", "--filter", `label=io.muster.scratch=${project.name}`)).toBe("");
    expect(readdirSync(stack.stateDir).filter((name) => name.startsWith("scratch-"))).toEqual([]);
  });

  it("of agents who race for a task over MCP through the proxy, one wins each", async () => {
    const steward = {
      authorization: `Bearer ${stack.secret("directus_admin_token")}`,
      "content-type": "application/json",
    };
    const idOf = z.object({ data: z.object({ id: z.string() }) });
    const projects = await fetch(`${stack.urls.directus}/items/os_projects?limit=1&fields=id`, { headers: steward });
    const [project] = z.object({ data: z.array(z.object({ id: z.string() })) }).parse(await projects.json()).data;
    const tasks: string[] = [];
    for (let index = 0; index < TASKS; index += 1) {
      const body = JSON.stringify({
        project: project?.id,
        title: `Compose race ${index}`,
        status: "ready",
        acceptance: [{ id: "a1", text: "One holds it." }],
      });
      const made = await fetch(`${stack.urls.directus}/items/os_tasks`, { method: "POST", headers: steward, body });
      tasks.push(idOf.parse(await made.json()).data.id);
    }
    const racers = [];
    for (let index = 0; index < RACERS; index += 1) {
      const name = `compose-racer-${index}`;
      expect(await stack.run(["agent", "add", name, "--model-family", "claude", "--json"])).toMatchObject({ exit: 0 });
      racers.push({ name, client: await connectAgent(stack.urls.mcp, stack.secret(`agent-${name}`)) });
    }
    try {
      for (const task of tasks) {
        const said = await Promise.all(racers.map(({ name, client }) => client.update(task, { claim_session: name })));
        expect(said.filter(({ ok }) => ok)).toHaveLength(1);
        expect(
          said.flatMap((answer) => (answer.ok ? [] : [answer.code])).every((code) => LOST.includes(code ?? "")),
        ).toBe(true);
        const read = await fetch(
          `${stack.urls.directus}/items/os_tasks/${task}?fields=claim_epoch,assigned_to,status`,
          { headers: steward },
        );
        expect(await read.json()).toMatchObject({
          data: { claim_epoch: 1, status: "in_progress", assigned_to: expect.any(String) },
        });
      }
    } finally {
      await Promise.all(racers.map(({ client }) => client.close()));
    }
  });

  it("the portal shows the board in Chromium through the proxy", async () => {
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const answer = await page.goto(`${stack.urls.portal}/board`, { waitUntil: "load" });
      expect(answer?.status()).toBe(200);
      expect(answer?.headers()["via"]).toContain("Caddy");
      expect(await page.locator("a[href^='/tasks/']").count()).toBeGreaterThan(0);
    } finally {
      await browser.close();
    }
  });

  it("a stranger on the inner network is named, and its going away is seen", async () => {
    const image = docker("inspect", "--format", "{{.Config.Image}}", ids()[0] ?? "").trim();
    const stranger = docker(
      "create",
      "--network",
      `${project.name}_back`,
      "--network-alias",
      "rag",
      "--entrypoint",
      "sleep",
      image,
      "600",
    ).trim();
    docker("start", stranger);
    try {
      expect(await redChecks("--only", "DOCK-06")).toEqual(["DOCK-06"]);
    } finally {
      docker("rm", "--force", "--volumes", stranger);
    }
    expect(await redChecks("--only", "DOCK-06")).toEqual([]);
  });

  it("a setting that no container was made from is red", async () => {
    const ran = await stack.run(["doctor", "--json", "--only", "DOCK-07"], {
      environment: { ELK_OS_LIMIT_RAG_MB: "500" },
    });
    const { checks } = doctorAnswer.parse(ran.json);
    expect(checks.find(({ id }) => id === "DOCK-07")).toMatchObject({
      status: "fail",
      evidence: "rag run from another configuration",
    });
  });

  it("a service that is joined to a network with a way out is red", async () => {
    const rag = project.container("rag");
    docker("network", "connect", `${project.name}_edge`, rag);
    try {
      expect(await redChecks("--only", "NET-01")).toEqual(["NET-01"]);
    } finally {
      docker("network", "disconnect", `${project.name}_edge`, rag);
    }
    expect(await redChecks("--only", "NET-01")).toEqual([]);
  });

  it("a container that was stopped is red, and up starts it again", async () => {
    docker("stop", project.container("rag"));
    expect(await redChecks("--only", "DOCK-03,ID-03")).toContain("DOCK-03");
    expect(await stack.run(["up", "--only", "up", "--json"])).toMatchObject({ exit: 0 });
    expect(await redChecks("--only", "DOCK,ID")).toEqual([]);
  });

  it("down leaves no container and no network, keeps the volumes, and up brings the same board back", async () => {
    const count = async () => {
      const headers = { authorization: `Bearer ${stack.secret("directus_admin_token")}` };
      const answer = await fetch(`${stack.urls.directus}/items/os_tasks?aggregate[count]=*`, { headers });
      return answer.json();
    };
    const before = await count();
    expect(await stack.run(["down", "--json"])).toMatchObject({ exit: 0, json: { ok: true, changed: 1 } });
    expect(ids()).toEqual([]);
    expect(project.networks()).toEqual([]);
    expect(project.volumes()).toHaveLength(3);
    expect(await stack.run(["up", "--json"], { timeoutMs: UP_MS })).toMatchObject({ exit: 0 });
    expect(await count()).toEqual(before);
  });

  it("reset leaves no volume either", async () => {
    expect(await stack.run(["reset", "--yes", "--json"])).toMatchObject({ exit: 0 });
    expect(ids()).toEqual([]);
    expect(project.volumes()).toEqual([]);
  });
});
