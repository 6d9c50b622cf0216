/** Red when it must be, in what everything stands on: machine, secrets, database. Each harm turns its own check red, alone, and its removal turns the board green. */
import { once } from "node:events";
import { appendFileSync, chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectGreen, expectOnlyRed, look } from "../support/doctor.ts";
import {
  asSteward,
  type Case,
  type DoHarm,
  edit,
  flipLastDigit,
  HarmsInTurn,
  type Listed,
  sets,
  sql,
} from "../support/harm.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const listenOn = (address: string): DoHarm =>
  async function listen(stack) {
    const server = createServer().listen({ port: stack.ports.rag, host: address, ipv6Only: true });
    await once(server, "listening");
    return () => new Promise((closed) => server.close(closed));
  };

const letsAnybodyRead: DoHarm = async (stack) => {
  const policies = (await asSteward(stack, "GET", "/policies?filter[icon][_eq]=public")) as Listed<{ id: string }>;
  const body = { policy: policies.data[0]?.id, collection: "os_tasks", action: "read", fields: ["*"] };
  const made = (await asSteward(stack, "POST", "/permissions", body)) as { readonly data: { readonly id: number } };
  return () => asSteward(stack, "DELETE", `/permissions/${made.data.id}`);
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
