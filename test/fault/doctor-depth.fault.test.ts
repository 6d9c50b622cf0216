/** Red when it must be, deeper than one row or one file: another instance's data, a service that hangs, a door that lost a right, an edited release. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openJournal } from "../../cli/src/journal/journal.ts";
import { expectGreen, expectOnlyRed, look, pidOf, withSuperuser } from "../support/doctor.ts";
import { asSteward, type Case, type DoHarm, HarmsInTurn, type Listed, sql } from "../support/harm.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

/** A setting of the running server, until it is taken back. */
const setting =
  (name: string, value: string): DoHarm =>
  async (stack) => {
    const apply = (statement: string) =>
      withSuperuser(stack, async (client) => {
        await client.query(statement);
        await client.query("select pg_reload_conf()");
      });
    await apply(`alter system set ${name} = ${value}`);
    return () => apply(`alter system reset ${name}`);
  };

/** Somebody gave one agent of nine the administrator's policy, beside its own. */
const makesAnAdministrator: DoHarm = async (stack) => {
  const find = async (path: string) =>
    ((await asSteward(stack, "GET", path)) as Listed<{ readonly id: string; readonly user: string }>).data[0];
  const agent = await find("/items/os_agents?filter[name][_eq]=a05&fields=id,user");
  const policy = await find("/policies?filter[admin_access][_eq]=true&fields=id");
  const body = { user: agent?.user, policy: policy?.id };
  const made = (await asSteward(stack, "POST", "/access", body)) as { readonly data: { readonly id: string } };
  return () => asSteward(stack, "DELETE", `/access/${made.data.id}`);
};

/** The journal closed a step with inputs that are not those of now. */
const closesWithOtherInputs: DoHarm = async (stack) => {
  const path = join(stack.stateDir, "journal.jsonl");
  const before = readFileSync(path);
  const journal = openJournal(path);
  const last = journal.history("wire/clients").at(-1);
  if (last === undefined) throw new Error("The journal has no wire/clients.");
  const { run, phase, step, cli } = last;
  const inputHash = "0".repeat(64);
  journal.append({ run, phase, step, event: "done", inputHash, changed: 0, durationMs: 0, cli, error: null });
  journal.close();
  return () => writeFileSync(path, before);
};

/** What is hidden is looked for in every total of the board, and by no statement of doctor's own. */
const countsSlowly: DoHarm = async (stack) => {
  const define = (statement: string) => withSuperuser(stack, (client) => client.query(statement));
  const { rows } = await withSuperuser(stack, (client) =>
    client.query<{ law: string }>("select pg_get_functiondef('muster.hidden_rows()'::regprocedure) as law"),
  );
  const [{ law }] = rows as [{ law: string }];
  const slow = law.replace("from public.os_projects p where", "from public.os_projects p, pg_sleep(6) where");
  if (slow === law) throw new Error("muster.hidden_rows is not made slow by this any more.");
  await define(slow);
  return () => define(law);
};

/** In an order in which no harm hides what the one before turned red, which would cost a look in between. */
const HARMS: readonly Case[] = [
  {
    red: "ID-01",
    harm: "the data of another instance",
    evidence: /^the data belongs to instance 00000000-0000-4000-8000-0000000000ff/,
    verdict: "WRONG_INSTANCE",
    exit: 10,
    async do(stack) {
      const { instanceId } = JSON.parse(readFileSync(join(stack.stateDir, "instance.json"), "utf8"));
      const set = (id: string) =>
        withSuperuser(stack, (client) => client.query("update muster.instance set instance_id = $1", [id]));
      await set("00000000-0000-4000-8000-0000000000ff");
      return () => set(instanceId);
    },
  },
  {
    red: "LOOP-01",
    harm: "a step that was closed with other inputs",
    evidence: /^the inputs of wire\/clients have changed$/,
    do: closesWithOtherInputs,
  },
  {
    red: "PG-08",
    harm: "passwords that are no longer scram",
    evidence: /passwords md5/,
    status: "warn",
    exit: 0,
    do: setting("password_encryption", "'md5'"),
  },
  {
    red: "MCP-02",
    harm: "a verb that Directus may not execute",
    evidence: /^show #\d+ does not answer/,
    do: sql(
      "revoke execute on function muster.show_task from muster_directus",
      "grant execute on function muster.show_task to muster_directus",
    ),
    // The grant is one of the manifest's as well.
    also: ["PG-11"],
  },
  {
    red: "PG-08",
    harm: "an autovacuum that is switched off",
    evidence: /autovacuum off/,
    status: "warn",
    exit: 0,
    do: setting("autovacuum", "off"),
  },
  {
    red: "PORT-UI-01",
    harm: "a view that the portal may not read",
    evidence: /^GET \/board answered 503: right_missing$/,
    do: sql(
      "revoke select on muster_read.instance from muster_portal",
      "grant select on muster_read.instance to muster_portal",
    ),
    also: ["PG-11"],
  },
  {
    red: "PORT-UI-01",
    harm: "a board that takes longer to read than the portal waits",
    evidence: /^GET \/board shows no present board: database_slow$/,
    do: countsSlowly,
    also: ["PG-04"],
  },
  {
    red: "MCP-01",
    harm: "one agent that somebody made an administrator",
    evidence: /^a05: an agent is offered .*collections/,
    do: makesAnAdministrator,
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

it("ID-04 is red as UNREACHABLE while the portal hangs", async () => {
  const pid = await pidOf(stack, "portal");
  process.kill(pid, "SIGSTOP");
  try {
    const board = await look(stack);
    expectOnlyRed(board, ["ID-04"]);
    expect(board.find("ID-04")).toMatchObject({ verdict: "UNREACHABLE" });
    expect(board.exit).toBe(3);
  } finally {
    process.kill(pid, "SIGCONT");
  }
  await expectGreen(stack);
});

it("a board on which nothing ran is red", async () => {
  const board = await look(stack, {}, ["--only", "DOCK", "--strict"]);
  expect({ exit: board.exit, ran: board.checks.filter(({ status }) => status !== "skip") }).toEqual({
    exit: 3,
    ran: [],
  });
});

it("PG-03 is red by an edited migration, and migrate refuses it with 7 and changes nothing", async () => {
  const file = join(stack.checkout, "board/migrations/0003-create-tasks.sql");
  const before = readFileSync(file);
  const ledger = () =>
    withSuperuser(stack, async (client) => (await client.query("select * from muster.migrations order by id")).rows);
  const applied = await ledger();
  appendFileSync(file, "-- edited after it was applied\n");
  try {
    const board = await look(stack);
    // Its text is an input of `migrate`, too.
    expectOnlyRed(board, ["PG-03", "LOOP-01"]);
    expect(board.find("PG-03")).toMatchObject({
      status: "fail",
      evidence: expect.stringMatching(/^MUSTER_MIGRATION_EDITED: .*0003-create-tasks/),
    });
    expect(board.exit).toBe(3);
    expect(await stack.run(["migrate", "--json"])).toMatchObject({
      exit: 7,
      json: { ok: false, error: { code: "MIGRATION_REFUSED", facts: { boardCode: "MUSTER_MIGRATION_EDITED" } } },
    });
    expect(await ledger()).toEqual(applied);
  } finally {
    writeFileSync(file, before);
  }
  // The journal remembers the refusal until the step has been proven again.
  expect(await stack.run(["migrate", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
  await expectGreen(stack);
});
