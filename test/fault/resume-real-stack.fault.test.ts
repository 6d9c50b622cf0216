/** The CLI is killed at six places of a real raise, chosen by a seed; each time the next `up` goes on, and the end is the same. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openRecords } from "../../cli/src/drivers/embedded/supervisor/records.ts";
import { isAlive } from "../../cli/src/host/process-table.ts";
import { readJournal } from "../../cli/src/journal/read-journal.ts";
import type { JournalRecord } from "../../cli/src/journal/record.ts";
import { upAnswer } from "../support/answers.ts";
import { expectGreen, expectOnlyRed, look, pidOf, pidsOf, withSuperuser } from "../support/doctor.ts";
import { eventually } from "../support/processes.ts";
import { layOutStack, raiseStack, type Stack } from "../support/stack.ts";

const SEED = 20_261_122;
const KILLS = 6;
/** Each instance is killed twice, early and late, so that a resume is itself interrupted. */
const INSTANCES = 3;
const RAISE_TIMEOUT_MS = 300_000;
/** Of one instance beside the others, which share two cores. */
const INSTANCE_TIMEOUT_MS = 600_000;
const SERVICES = ["postgres", "directus", "rag", "portal"];

/** A place in the journal: the first record of this step and event. */
type Place = Pick<JournalRecord, "step" | "event">;

/** A raise that nobody kills. Not the shared one: there the demo's leases may have ended, and tasks moved, long before. */
let unharmed: Stack;
let stack: Stack | null = null;
let places: readonly Place[];
let reference: unknown;

beforeAll(async () => {
  ({ stack: unharmed } = await raiseStack());
  const { records } = readJournal(join(unharmed.stateDir, "journal.jsonl"));
  places = choose(records.map(({ step, event }) => ({ step, event })));
  reference = await finalState(unharmed);
});
afterAll(() => unharmed?.dispose());

// In a hook, so that a failing test leaves nothing running either; it rejects when `down` leaves anything.
afterEach(async () => {
  const ended = stack;
  stack = null;
  await ended?.dispose();
});

/** Different places, in boot order. mulberry32, so that a seed names them for ever. */
function choose(all: readonly Place[]): readonly Place[] {
  let state = SEED;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const indexes = new Set<number>();
  while (indexes.size < KILLS) indexes.add(Math.floor(random() * all.length));
  return [...indexes].sort((a, b) => a - b).flatMap((index) => all[index] ?? []);
}

/** What a raise makes, without what only says when and how often: rows by table, the ledgers, users and rights. */
function finalState(of: Stack): Promise<unknown> {
  return withSuperuser(of, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
        where schemaname = 'muster' or (schemaname = 'public' and tablename !~ '^directus_(activity|revisions|sessions|extensions)$')
        order by 1`,
    );
    const counts: Record<string, number> = {};
    for (const { name } of tables) {
      const { rows } = await client.query<{ rows: number }>(`select count(*)::int as rows from ${name}`);
      counts[name] = rows[0]?.rows ?? -1;
    }
    const list = async (text: string) => (await client.query(text)).rows;
    return {
      counts,
      migrations: await list("select id, checksum from muster.migrations order by id"),
      seeds: await list("select name, content_hash, rows from muster.seeds order by name"),
      tasks: await list("select number, title, status, claim_epoch, attempt from public.os_tasks order by number"),
      users: await list("select first_name, status, role is null as roleless from public.directus_users order by 1, 2"),
      rights: await list(
        "select collection, action, count(*)::int from public.directus_permissions group by 1, 2 order by 1, 2",
      ),
    };
  });
}

/** Starts `up` and ends it with SIGKILL as soon as the journal shows the place. False when it had ended before. */
async function upKilledAt(killed: Stack, { step, event }: Place): Promise<boolean> {
  const { child, ended } = killed.start(["up", "--json"]);
  const journal = join(killed.stateDir, "journal.jsonl");
  const isThere = () =>
    readJournal(journal).records.some((record) => record.step === step && record.event === event) ||
    child.exitCode !== null;
  await eventually(`${event} of ${step}`, isThere, RAISE_TIMEOUT_MS);
  child.kill("SIGKILL");
  return (await ended).signal === "SIGKILL";
}

// Each waits for its own processes most of the time, and shares nothing with the others but the cache.
describe.concurrent(`up, killed with seed ${SEED}`, () => {
  it.for(Array.from({ length: INSTANCES }, (_, index) => index))(
    "goes on after each kill and ends as one that was never killed (instance %i)",
    { timeout: INSTANCE_TIMEOUT_MS },
    async (index, { expect, onTestFinished }) => {
      const raised = await layOutStack();
      onTestFinished(() => raised.dispose());
      const own = places.filter((_, place) => place % INSTANCES === index);
      expect(own).toHaveLength(KILLS / INSTANCES);
      for (const place of own) {
        expect(await upKilledAt(raised, place), `${place.event} of ${place.step}`).toBe(true);
      }
      const up = await raised.run(["up", "--json"]);
      expect(up, up.stdout).toMatchObject({ exit: 0, json: { ok: true, doctor: { fail: 0, warn: 0 } } });
      expect(await finalState(raised)).toEqual(reference);
      const again = await raised.run(["up", "--json"]);
      expect(upAnswer.parse(again.json)).toMatchObject({ ok: true, changed: 0 });
    },
  );
});

describe("a supervisor that is killed", () => {
  it("is replaced by the next up, and its services live on", async () => {
    const pids = () => pidsOf(unharmed, SERVICES);
    const before = await pids();
    const records = openRecords(join(unharmed.stateDir, "run"));
    const supervisor = records.readSupervisor();
    if (supervisor === null) throw new Error("The stack has no supervisor.");
    process.kill(supervisor.pid, "SIGKILL");
    await eventually("the supervisor is gone", () => !isAlive(supervisor));
    expectOnlyRed(await look(unharmed), ["EMB-08"]);

    expect(await unharmed.run(["up", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
    const successor = records.readSupervisor();
    expect(successor?.pid).not.toBe(supervisor.pid);
    expect(successor !== null && isAlive(successor), "a supervisor watches again").toBe(true);
    expect(await pids()).toEqual(before);

    // The proof that it watches: what is killed now comes back.
    process.kill(await pidOf(unharmed, "rag"), "SIGKILL");
    await expectGreen(unharmed);
  });
});

describe("down", () => {
  it("takes an orphaned stack down too: services whose supervisor was killed", async () => {
    const raised = await layOutStack();
    stack = raised;
    expect(await raised.run(["up", "--to", "up", "--json"])).toMatchObject({ exit: 0 });
    const supervisor = JSON.parse(readFileSync(join(raised.stateDir, "run", "supervisor.json"), "utf8"));
    process.kill(supervisor.pid, "SIGKILL");
    // afterEach brings it down and looks for what is left.
    expect(await pidOf(raised, "postgres")).toBeGreaterThan(0);
  });
});
