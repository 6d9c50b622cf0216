/** Red when it must be: each harm turns its own check red, alone, and its removal turns the board green. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadDirectusData } from "../../cli/src/directus/load-data.ts";
import { openJournal } from "../../cli/src/journal/journal.ts";
import { expectGreen, expectOnlyRed, look } from "../support/doctor.ts";
import { asSteward, type Case, type DoHarm, edit, HarmsInTurn, type Listed, sql } from "../support/harm.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { CHECKOUT, type Stack } from "../support/stack.ts";

const flipLastDigit = (text: string) => text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");

const listenOn = (address: string): DoHarm =>
  async function listen(stack) {
    const server = createServer().listen({ port: stack.ports.rag, host: address, ipv6Only: true });
    await once(server, "listening");
    return () => new Promise((closed) => server.close(closed));
  };

const worksInFolder: DoHarm = async (stack) => {
  const child = spawn("sleep", ["300"], { argv0: `sleep in ${stack.stateDir}/data`, stdio: "ignore" });
  await once(child, "spawn");
  return async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
};

const leavesIntent: DoHarm = async (stack) => {
  const path = join(stack.stateDir, "journal.jsonl");
  const before = readFileSync(path);
  const journal = openJournal(path);
  const last = journal.history("migrate/schema").at(-1);
  if (last === undefined) throw new Error("The journal has no migrate/schema.");
  const { run, phase, step, inputHash, cli } = last;
  journal.append({ run, phase, step, event: "intent", inputHash, changed: 0, durationMs: 0, cli, error: null });
  journal.close();
  return () => writeFileSync(path, before);
};

const letsAgentsDelete: DoHarm = async (stack) => {
  const policy = loadDirectusData(join(CHECKOUT, "directus")).ids.policies.agent;
  const body = { policy, collection: "os_tasks", action: "delete", fields: ["*"] };
  const made = (await asSteward(stack, "POST", "/permissions", body)) as { readonly data: { readonly id: number } };
  return () => asSteward(stack, "DELETE", `/permissions/${made.data.id}`);
};

const letsAnybodyRead: DoHarm = async (stack) => {
  const policies = (await asSteward(stack, "GET", "/policies?filter[icon][_eq]=public")) as Listed<{ id: string }>;
  const body = { policy: policies.data[0]?.id, collection: "os_tasks", action: "read", fields: ["*"] };
  const made = (await asSteward(stack, "POST", "/permissions", body)) as { readonly data: { readonly id: number } };
  return () => asSteward(stack, "DELETE", `/permissions/${made.data.id}`);
};

const sets =
  (key: string, value: (stack: Stack) => unknown): DoHarm =>
  async (stack) => {
    const before = (await asSteward(stack, "GET", "/settings")) as { readonly data: Record<string, unknown> };
    await asSteward(stack, "PATCH", "/settings", { [key]: value(stack) });
    return () => asSteward(stack, "PATCH", "/settings", { [key]: before.data[key] });
  };

/** Its title is what the check asks for first, and a NUL byte keeps the file out of the index. */
const remembersWhatNobodyReads: DoHarm = async () => {
  const path = join(CHECKOUT, "memory", "0-doctor-probe.md");
  writeFileSync(path, "# A quokka polishes the brass funnel\n\0\n");
  return () => rmSync(path);
};

const switchesMcpOff: DoHarm = async (stack) => {
  await asSteward(stack, "PATCH", "/settings", { mcp_enabled: false });
  return () => asSteward(stack, "PATCH", "/settings", { mcp_enabled: true });
};

const logsAToken: DoHarm = async (stack) => {
  const path = join(stack.stateDir, "logs", "rag.log");
  const before = statSync(path).size;
  appendFileSync(path, `Authorization: Bearer ${stack.secret("agent-a01")}\n`);
  return () => writeFileSync(path, readFileSync(path).subarray(0, before));
};

const opensASecret: DoHarm = async (stack) => {
  const path = join(stack.stateDir, "secrets", "rag_key");
  chmodSync(path, 0o644);
  return () => chmodSync(path, 0o600);
};

const FK = "os_releases_repository_fkey";
/** In an order in which no harm hides what the one before turned red, which would cost a look in between. */
const HARMS: readonly Case[] = [
  { red: "HOST-06", harm: "a secret that others can read", evidence: /mode 0644/, do: opensASecret },
  { red: "PORT-02", harm: "a stranger on ::1", evidence: /listens on ::1/, do: listenOn("::1") },
  {
    red: "SEC-01",
    harm: "a secret that anybody could guess",
    evidence: /directus_admin_password/,
    // Its whole text stands nowhere in the checkout, where SEC-05 would find it.
    do: edit("secrets/directus_admin_password", () => "qz".repeat(5)),
  },
  { red: "SEC-05", harm: "a token in a log", evidence: /rag\.log holds secrets\/agent-a01/, do: logsAToken },
  {
    red: "PG-01",
    harm: "another password of the portal's role",
    evidence: /muster_portal: password/,
    do: edit("secrets/muster_portal_password", flipLastDigit),
    // The portal's own launch reads that file, so a second `up` would restart it.
    also: ["LOOP-01"],
  },
  {
    red: "PG-04",
    harm: "a dropped foreign key",
    evidence: new RegExp(FK),
    do: sql(
      `alter table public.os_releases drop constraint ${FK}`,
      `alter table public.os_releases add constraint ${FK} foreign key (repository) references public.os_repositories (id)`,
    ),
  },
  {
    red: "SEC-12",
    harm: "a role that may make roles",
    evidence: /muster_portal has/,
    do: sql("alter role muster_portal createrole", "alter role muster_portal nocreaterole"),
  },
  {
    red: "PG-03",
    harm: "an edited migration in the ledger",
    evidence: /^MUSTER_MIGRATION_EDITED: /,
    do: sql(
      "update muster.migrations set checksum = reverse(checksum) where id = 3",
      "update muster.migrations set checksum = reverse(checksum) where id = 3",
    ),
  },
  {
    red: "SEC-08",
    harm: "a policy that lets anybody read the tasks",
    evidence: /without a token was answered 200/,
    do: letsAnybodyRead,
  },
  {
    red: "PG-04",
    harm: "a disabled trigger",
    evidence: /os_tasks_10_api/,
    do: sql(
      "alter table public.os_tasks disable trigger os_tasks_10_api",
      "alter table public.os_tasks enable trigger os_tasks_10_api",
    ),
    // Without its judge the board refuses no second claim.
    also: ["DIR-07"],
  },
  {
    red: "SEC-07",
    harm: "another admin token in the file",
    evidence: /answered 401/,
    do: edit("secrets/directus_admin_token", flipLastDigit),
  },
  {
    red: "PG-06",
    harm: "a lease that no claim stands behind",
    evidence: /muster\.leases/,
    do: sql(
      `insert into muster.leases (task, kind, epoch, granted_at, heartbeat_at, expires_at)
         select id, 'work', 99, now(), now(), now() from public.os_tasks where number = 1`,
      "delete from muster.leases where epoch = 99",
    ),
  },
  {
    red: "SEC-06",
    harm: "a secret as the project's description",
    evidence: /directus \/server\/info shows secrets\/rag_key/,
    do: sets("project_descriptor", (stack) => stack.secret("rag_key")),
    // The settings are not those of the checkout then, whatever stands in them.
    also: ["DIR-06"],
  },
  {
    red: "PG-11",
    harm: "a right to delete",
    evidence: /os_tasks/,
    do: sql(
      "grant delete on public.os_tasks to muster_directus",
      "revoke delete on public.os_tasks from muster_directus",
    ),
  },
  {
    red: "DIR-02",
    harm: "a probe row that an earlier look left",
    evidence: /1 probe rows are left/,
    do: sql(
      "insert into public.directus_presets (bookmark, collection) values ('doctor-probe-left', 'os_tasks')",
      "delete from public.directus_presets where bookmark = 'doctor-probe-left'",
    ),
  },
  {
    red: "DIR-04",
    harm: "another display template",
    evidence: /collection os_tasks$/,
    do: sql(
      "update public.directus_collections set display_template = '~' || display_template where collection = 'os_tasks'",
      "update public.directus_collections set display_template = substr(display_template, 2) where collection = 'os_tasks'",
    ),
  },
  {
    red: "DIR-06",
    harm: "agents that may delete over MCP",
    evidence: /mcp_allow_deletes/,
    do: sets("mcp_allow_deletes", () => true),
  },
  {
    red: "DIR-09",
    harm: "a panel that somebody moved",
    evidence: /1 differ, first panel Ready/,
    do: sql(
      "update public.directus_panels set position_x = position_x + 1 where name = 'Ready'",
      "update public.directus_panels set position_x = position_x - 1 where name = 'Ready'",
    ),
  },
  {
    red: "DIR-08",
    harm: "more flows than the free tier has",
    evidence: /6 of 5 flows/,
    do: sql(
      `insert into public.directus_flows (id, name, status)
         select gen_random_uuid(), 'doctor probe', 'active' from generate_series(1, 6)`,
      "delete from public.directus_flows where name = 'doctor probe'",
    ),
  },
  {
    red: "RAG-01",
    harm: "a memory that search cannot read",
    evidence: /quokka/,
    do: remembersWhatNobodyReads,
    // Search names the file that it passes over, too.
    also: ["RAG-03"],
  },
  { red: "DIR-03", harm: "a policy that lets agents delete", evidence: /1 surplus/, do: letsAgentsDelete },
  {
    red: "DIR-05",
    harm: "a special taken from os_tasks",
    evidence: /user_updated has special none/,
    do: sql(
      "update public.directus_fields set special = null where collection = 'os_tasks' and field = 'user_updated'",
      "update public.directus_fields set special = 'user-updated' where collection = 'os_tasks' and field = 'user_updated'",
    ),
    // It is a difference of the metadata as well, whatever it is worth.
    also: ["DIR-04"],
  },
  {
    red: "SEED-01",
    harm: "a seed that the ledger knows otherwise",
    evidence: /generic\/tasks/,
    do: sql(
      "update muster.seeds set content_hash = reverse(content_hash) where name = 'generic/tasks'",
      "update muster.seeds set content_hash = reverse(content_hash) where name = 'generic/tasks'",
    ),
  },
  {
    red: "WIRE-01",
    harm: "another token of an agent",
    evidence: /agent-a02 opens nothing/,
    do: edit("secrets/agent-a02", flipLastDigit),
  },
  {
    red: "CON-01",
    harm: "an edited constitution",
    evidence: /wire\/a01\/CLAUDE\.md/,
    do: edit("wire/a01/CLAUDE.md", (text) => `${text}\nAgents may delete tasks.\n`),
  },
  { red: "WIRE-02", harm: "native MCP switched off", evidence: /mcp_enabled/, do: switchesMcpOff },
  {
    red: "EMB-08",
    harm: "a chore at another interval than the settings want",
    evidence: /other chores than the settings/,
    do: edit("run/chore-checkpoint.json", (text) => text.replace(/"intervalMs": \d+/, '"intervalMs": 60000')),
  },
  { red: "LOOP-04", harm: "a step without an end", evidence: /migrate\/schema/, do: leavesIntent },
  { red: "EMB-05", harm: "a process that no record names", evidence: /is in no record/, do: worksInFolder },
  {
    red: "TRAIL-01",
    harm: "a checkpoint that could not be taken",
    evidence: /code 8/,
    status: "warn",
    exit: 0,
    do: edit("run/chore-checkpoint.json", (text) => {
      const last = { startedAt: new Date().toISOString(), ms: 40, failure: "it ended with code 8" };
      return JSON.stringify({ ...JSON.parse(text), last });
    }),
  },
  {
    red: "LOOP-05",
    harm: "a flipped byte in the journal",
    evidence: /line 2 /,
    do: edit("journal.jsonl", (text) => text.replace('"seq":2,', '"seq":7,')),
  },
];

let stack: Stack;
beforeAll(async () => {
  ({ stack } = await sharedStack());
  await expectGreen(stack);
});

describe("doctor is red, and green again, by", () => {
  const harms = new HarmsInTurn();
  it.each(HARMS)("$red: $harm", (harm) => harms.prove(stack, harm));
  afterAll(() => harms.end(stack));
});

it("doctor --fix closes a secret again", async () => {
  const path = join(stack.stateDir, "secrets", "rag_key");
  chmodSync(path, 0o644);
  expect(await stack.run(["doctor", "--fix", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("HOST-02 is red by a budget that the disk cannot hold", async () => {
  const board = await look(stack, { environment: { ELK_OS_DISK_BUDGET_MB: "999999999" } });
  expectOnlyRed(board, ["HOST-02", "CONF-01", "LOOP-01"]);
  expect(board.find("HOST-02").evidence).toMatch(/MiB free/);
});

it("HOST-01 is red by a budget that the machine cannot hold, and up refuses it before it does anything", async () => {
  const environment = { ELK_OS_MEMORY_BUDGET_MB: "99999999" };
  const board = await look(stack, { environment });
  // A setting that nobody recorded is drift by itself, and the next `up` would record it.
  expectOnlyRed(board, ["HOST-01", "CONF-01", "LOOP-01"]);
  const journal = readFileSync(join(stack.stateDir, "journal.jsonl"));
  expect(await stack.run(["up", "--json"], { environment })).toMatchObject({
    exit: 5,
    json: { error: { code: "PREFLIGHT_FAILED", facts: { checks: ["HOST-01"] } } },
  });
  expect(readFileSync(join(stack.stateDir, "journal.jsonl"))).toEqual(journal);
});
