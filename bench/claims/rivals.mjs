/**
 * Runs in bench/claims with its own node_modules: `node rivals.mjs <rival> <url> <jobs> <clients>` prints {"perSecond":n}.
 * pg-boss: fetch + complete, one job each, as many loops as clients. graphile-worker: a no-op task, run until the queue is empty.
 */
const [, , rival, url, jobsText, clientsText] = process.argv;
const jobs = Number(jobsText);
const clients = Number(clientsText);

async function pgBoss() {
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss({ connectionString: url, max: clients, supervise: false, schedule: false });
  boss.on("error", () => {});
  await boss.start();
  await boss.createQueue("bench");
  const batch = 1000;
  for (let made = 0; made < jobs; made += batch) {
    await boss.insert(
      "bench",
      Array.from({ length: Math.min(batch, jobs - made) }, (_, n) => ({ data: { n: made + n } })),
    );
  }
  const pairs = Math.min(jobs, Number(process.env.PAIRS ?? "400"));
  let left = pairs;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (left > 0) {
        left -= 1;
        const [job] = await boss.fetch("bench");
        if (job !== undefined) await boss.complete("bench", job.id);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await boss.stop({ graceful: false });
  return pairs / seconds;
}

async function graphile() {
  const { makeWorkerUtils, runTaskListOnce } = await import("graphile-worker");
  const { default: pg } = await import("pg");
  const utils = await makeWorkerUtils({ connectionString: url });
  await utils.migrate();
  const pool = new pg.Pool({ connectionString: url, max: clients + 1 });
  await pool.query(
    "select graphile_worker.add_job('noop', json_build_object('n', n)) from generate_series(1, $1::integer) n",
    [jobs],
  );
  await pool.query("analyze graphile_worker._private_jobs");
  const silent = new (await import("graphile-worker")).Logger(() => () => {});
  const clientList = await Promise.all(Array.from({ length: clients }, () => pool.connect()));
  const started = performance.now();
  await Promise.all(clientList.map((client) => runTaskListOnce({ logger: silent }, { noop: async () => {} }, client)));
  const seconds = (performance.now() - started) / 1000;
  for (const client of clientList) client.release();
  await pool.end();
  await utils.release();
  return jobs / seconds;
}

const perSecond = await (rival === "pg-boss" ? pgBoss() : graphile());
console.log(JSON.stringify({ perSecond }));
process.exit(0);
