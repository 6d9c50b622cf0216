/** Red when it must be, in what stands on the database: Directus, search, seeds, wiring, chores and the journal. Each harm turns its own check red, alone. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { loadDirectusData } from "../../cli/src/directus/load-data.ts";
import { openJournal } from "../../cli/src/journal/journal.ts";
import { expectGreen } from "../support/doctor.ts";
import { asSteward, type Case, type DoHarm, edit, flipLastDigit, HarmsInTurn, sets, sql } from "../support/harm.ts";
import { sharedStack } from "../support/shared-stack.ts";
import { CHECKOUT, type Stack } from "../support/stack.ts";

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

/** Its title is what the check asks for first, and a NUL byte keeps the file out of the index. */
const remembersWhatNobodyReads: DoHarm = async ({ checkout }) => {
  const path = join(checkout, "memory", "0-doctor-probe.md");
  writeFileSync(path, "# A quokka polishes the brass funnel\n\0\n");
  return () => rmSync(path);
};

const switchesMcpOff: DoHarm = async (stack) => {
  await asSteward(stack, "PATCH", "/settings", { mcp_enabled: false });
  return () => asSteward(stack, "PATCH", "/settings", { mcp_enabled: true });
};

/** In an order in which no harm hides what the one before turned red, which would cost a look in between. */
const HARMS: readonly Case[] = [
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
