/** A board with a steward, agents of different model families and one project, for tests of the law. */
import type pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type MusterErrorAnswer, toMusterError } from "../../board/src/errors.ts";
import { createItem, type Fields, patchItems } from "./directus-writes.ts";
import { startPostgres, type TestDatabase, type TestPostgres } from "./postgres.ts";

const STEWARD_ROLE = "00000000-0000-4000-8000-00000000000a";
const AGENT_ROLE = "00000000-0000-4000-8000-00000000000b";
export const STEWARD = "00000000-0000-4000-8000-000000000001";

export interface LawFixture {
  readonly database: TestDatabase;
  /** Connection of muster_directus. */
  readonly directus: pg.Client;
  /** Connection of the superuser, for looking and arranging. */
  readonly admin: pg.Client;
  readonly project: string;
  /** User ids by agent name: a1 and a2 of family alpha, b1 of family beta. */
  readonly agents: Readonly<Record<"a1" | "a2" | "b1", string>>;
  /** A ready task, made by the steward. */
  addTask(fields?: Fields): Promise<pg.QueryResultRow>;
  /** A task in review, made by a1 under session "work". */
  submittedTask(fields?: Fields): Promise<pg.QueryResultRow>;
  /** PATCHes one task; rejects with the Postgres error. */
  patch(user: string, task: string, fields: Fields): Promise<pg.QueryResultRow>;
  /** The refusal a PATCH meets; throws when it is accepted. */
  refusal(user: string, task: string, fields: Fields): Promise<MusterErrorAnswer>;
  task(id: string): Promise<pg.QueryResultRow>;
  /** Rows of a query as superuser. */
  rows(text: string, values?: unknown[]): Promise<readonly pg.QueryResultRow[]>;
  /** Lets the live lease of the task end `seconds` ago. */
  expire(task: string, seconds?: number): Promise<void>;
}

/** One cluster for the test file and a fresh board for each test; call at the top of the file. */
export function withLaw(): LawFixture {
  let postgres: TestPostgres;
  let current: LawFixture | undefined;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());
  beforeEach(async () => {
    current = await makeLawFixture(postgres);
  });
  afterEach(async () => {
    await current?.database.drop();
    current = undefined;
  });
  const board = (): LawFixture => {
    if (current === undefined) throw new Error("The board exists inside tests only.");
    return current;
  };
  return {
    get database() {
      return board().database;
    },
    get directus() {
      return board().directus;
    },
    get admin() {
      return board().admin;
    },
    get project() {
      return board().project;
    },
    get agents() {
      return board().agents;
    },
    addTask: (fields) => board().addTask(fields),
    submittedTask: (fields) => board().submittedTask(fields),
    patch: (...args) => board().patch(...args),
    refusal: (...args) => board().refusal(...args),
    task: (id) => board().task(id),
    rows: (...args) => board().rows(...args),
    expire: (...args) => board().expire(...args),
  };
}

/** The session nonces of a claim. */
export const claim = (session = "s1") => ({ claim_session: session });
/** The submission of a first claim. */
export const submit = { status: "in_review", fence: 1, submitted_commit: "3f9c1e2" } as const;

/** What a caller would be told; null when the write was accepted. */
export async function refusalOf(write: Promise<unknown>): Promise<MusterErrorAnswer | null> {
  try {
    await write;
    return null;
  } catch (error) {
    return toMusterError(error);
  }
}

/** A fresh board on a running cluster; most tests take `withLaw`. */
export async function makeLawFixture(postgres: TestPostgres): Promise<LawFixture> {
  const database = await postgres.createDatabase();
  const admin = await database.connect("postgres");
  const directus = await database.connect("muster_directus");
  await admin.query("insert into directus_roles values ($1, 'steward'), ($2, 'agent')", [STEWARD_ROLE, AGENT_ROLE]);
  await admin.query("insert into directus_users values ($1, $2)", [STEWARD, STEWARD_ROLE]);
  await admin.query("select muster.set_config('steward_roles', $1)", [JSON.stringify([STEWARD_ROLE])]);
  const { id: project } = await createItem(directus, STEWARD, "os_projects", { key: "demo", name: "Demo" });
  const agents = {
    a1: await addAgent(admin, directus, "a1", "alpha"),
    a2: await addAgent(admin, directus, "a2", "alpha"),
    b1: await addAgent(admin, directus, "b1", "beta"),
  };
  const rows = async (text: string, values: unknown[] = []) =>
    (await admin.query<pg.QueryResultRow>(text, values)).rows;
  const only = (found: readonly pg.QueryResultRow[]): pg.QueryResultRow => {
    const [row] = found;
    if (row === undefined || found.length > 1) throw new Error(`Expected one row, found ${found.length}.`);
    return row;
  };
  const patch: LawFixture["patch"] = async (user, task, fields) =>
    only(await patchItems(directus, user, "os_tasks", [task], fields));
  const addTask: LawFixture["addTask"] = (fields = {}) =>
    createItem(directus, STEWARD, "os_tasks", {
      project,
      title: "Do it",
      status: "ready",
      acceptance: [{ id: "a1", text: "It is done." }],
      ...fields,
    });
  return {
    database,
    directus,
    admin,
    project,
    agents,
    rows,
    patch,
    addTask,
    async submittedTask(fields) {
      const { id } = await addTask(fields);
      await patch(agents.a1, id, claim("work"));
      return patch(agents.a1, id, submit);
    },
    async refusal(user, task, fields) {
      try {
        await patch(user, task, fields);
      } catch (error) {
        return toMusterError(error);
      }
      throw new Error(`The write was accepted: ${JSON.stringify(fields)}`);
    },
    task: async (id) => only(await rows("select * from os_tasks where id = $1", [id])),
    async expire(task, seconds = 60) {
      await admin.query(
        "update muster.leases set expires_at = clock_timestamp() - make_interval(secs => $2) where task = $1",
        [task, seconds],
      );
    },
  };
}

/** A user in the agent role with its os_agents row; returns the user id. */
export async function addAgent(
  admin: pg.Client,
  directus: pg.Client,
  name: string,
  family: string,
  fields: Fields = {},
): Promise<string> {
  const { rows } = await admin.query<{ id: string }>(
    "insert into directus_users values (gen_random_uuid(), $1) returning id",
    [AGENT_ROLE],
  );
  const id = rows[0]?.id ?? "";
  await createItem(directus, STEWARD, "os_agents", { name, user: id, model_family: family, ...fields });
  return id;
}
