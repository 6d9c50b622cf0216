/**
 * Runs in bench/claims with its own node_modules, fed by arguments: `node rivals.mjs <contender> <url> <json>` prints a line
 * {"part":"untimed"|"timed","jobs":n} when it starts such a part, and {"perSecond":n} at its end.
 * JSON: backlog (jobs waiting when the timed part ends), timed (jobs to measure), before (jobs done untimed first, for their dead rows),
 * clients. graphile-worker knows no end but the empty queue: its timed part is its backlog.
 * Every contender gets one Node process, one pool of `clients` connections and that many loops, jobs without payload work, and answers
 * only after its commit. Muster is driven the same way here, so that a ratio compares queues and not drivers.
 */
import pg from "pg";

const [, , contender, url, optionsText] = process.argv;
const { backlog, timed, before, clients } = JSON.parse(optionsText);
const chunks = (count, size) =>
  Array.from({ length: Math.ceil(count / size) }, (_, n) => Math.min(size, count - n * size));

const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const tellPart = (part, jobs) => tell({ part, jobs });
/** Steps of each loop that are not timed: connections, plans and caches. The same for every contender. */
const WARM_UP = 10;

/** `clients` loops until `count` steps are done; returns steps per second. */
async function loops(count, step) {
  let left = count;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (left > 0) {
        left -= 1;
        await step(client);
      }
    }),
  );
  return count / ((performance.now() - started) / 1000);
}

/**
 * fetch and complete are immediate SQL: no poll interval counts against pg-boss. Tuned is a queue with a table of its own (partition), the
 * one setting of 12.38 that its documentation offers for throughput; priority and orderByCreatedOn do nothing since 12.30.
 */
async function pgBoss(fetchOptions, queueOptions = {}) {
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss({ connectionString: url, max: clients, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
  const queue = `bench_${process.pid}`;
  await boss.createQueue(queue, queueOptions);
  const size = fetchOptions.batchSize ?? 1;
  const warmUp = clients * WARM_UP * size;
  for (const count of chunks(backlog + timed + before + warmUp, 1000)) {
    await boss.insert(
      queue,
      Array.from({ length: count }, (_, n) => ({ data: { n } })),
    );
  }
  await analyze("pgboss");
  const step = async () => {
    const jobs = await boss.fetch(queue, fetchOptions);
    if (jobs.length !== size)
      throw new Error(`pg-boss gave ${jobs.length} of ${size} jobs: a step would measure nothing.`);
    await boss.complete(
      queue,
      jobs.map(({ id }) => id),
    );
  };
  tellPart("untimed", before + warmUp);
  await loops(Math.ceil((before + warmUp) / size), step);
  tellPart("timed", timed);
  const perSecond = size * (await loops(Math.ceil(timed / size), step));
  await boss.stop({ graceful: false });
  return perSecond;
}

/** Statistics of every table of a schema, as Muster's have them. */
async function analyze(schema) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = $1",
    [schema],
  );
  if (rows.length === 0) throw new Error(`There is no table in ${schema} to analyze.`);
  for (const { name } of rows) await client.query(`analyze ${name}`);
  await client.end();
}

/**
 * No public fetch and complete: the worker runs until the queue is empty, so the backlog is what is timed, from its first job's start to its
 * last one's: starting and stopping a worker is no part of a job.
 */
async function graphile(worker) {
  const { Logger, makeWorkerUtils, runOnce } = await import("graphile-worker");
  const logger = new Logger(() => () => {});
  const utils = await makeWorkerUtils({ connectionString: url, logger });
  await utils.migrate();
  const pgPool = new pg.Pool({ connectionString: url, max: clients + 2 });
  pgPool.on("error", () => {});
  const preset = { worker: { concurrentJobs: clients, maxPoolSize: clients + 2, ...worker } };
  const runAll = async (part, jobs) => {
    const sql =
      "select graphile_worker.add_job('noop', json_build_object('n', n)) from generate_series(1, $1::integer) n";
    await pgPool.query(sql, [jobs]);
    await analyze("graphile_worker");
    tellPart(part, jobs);
    const starts = [];
    const noop = async () => void starts.push(performance.now());
    await runOnce({ logger, pgPool, taskList: { noop }, noHandleSignals: true, preset });
    if (starts.length !== jobs) throw new Error(`graphile-worker ran ${starts.length} of ${jobs} jobs.`);
    return (jobs - 1) / ((starts.at(-1) - starts[0]) / 1000);
  };
  await runAll("untimed", before + clients * WARM_UP);
  const perSecond = await runAll("timed", backlog);
  await pgPool.end();
  await utils.release();
  return perSecond;
}

/** The tasks are already there. One connection and one agent to each loop. */
async function muster(makeStep) {
  const connections = await Promise.all(
    Array.from({ length: clients }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const call = async (client, name, text, values) =>
    (await connections[client].query({ name, text, values })).rows[0].answer;
  const agent = (client) => `00000000-0000-4000-8000-0000000002${client + 10}`;
  const step = makeStep(call, agent);
  tellPart("untimed", clients * WARM_UP);
  await loops(clients * WARM_UP, step);
  tellPart("timed", timed);
  const perSecond = await loops(timed, step);
  await Promise.all(connections.map((client) => client.end()));
  return perSecond;
}
const claimNext = "select muster.claim_next($1, 'bench') as answer";
const pair = (call, agent) => async (client) => {
  const grant = await call(client, "claim", claimNext, [agent(client)]);
  const values = [agent(client), grant.task.id, grant.fence];
  await call(client, "submit", `select muster.submit($1, $2, $3, '{"commit":"3f9c1e2"}') as answer`, values);
};
const advance = (call, agent) => {
  const held = [];
  return async (client) => {
    held[client] ??= await call(client, "claim", claimNext, [agent(client)]);
    const finish = { task: held[client].task.id, fence: held[client].fence, commit: "3f9c1e2" };
    const text = "select muster.advance($1, 'bench', $2) as answer";
    held[client] = (await call(client, "advance", text, [agent(client), finish])).next;
  };
};

const unbatched = { localQueue: { size: -1 }, completeJobBatchDelay: -1, failJobBatchDelay: -1 };
const batched = {
  localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};
const contenders = {
  "pg-boss": () => pgBoss({}),
  "pg-boss-tuned": () => pgBoss({}, { partition: true }),
  "pg-boss-batched": () => pgBoss({ batchSize: 50 }, { partition: true }),
  "graphile-worker": () => graphile(unbatched),
  "graphile-worker-batched": () => graphile(batched),
  "muster-pair": () => muster(pair),
  "muster-advance": () => muster(advance),
};
tell({ perSecond: await contenders[contender]() });
process.exit(0);
