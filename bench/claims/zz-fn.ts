import { startBench } from "./cluster.ts";
const bench = await startBench();
try {
  await bench.fillTo(12000);
  await bench.admin.query("alter system set track_functions='all'"); await bench.admin.query("select pg_reload_conf()");
  await bench.pgbench("pair", 1, ["-T", 2]);
  await bench.admin.query("select pg_stat_reset()");
  const tps = await bench.pgbench("pair", 1, ["-T", 4]);
  await new Promise((r) => setTimeout(r, 1500));
  const { rows } = await bench.admin.query("select schemaname||'.'||funcname as f, calls, round((total_time)::numeric/ (select calls from pg_stat_user_functions where funcname='claim_next'),4) as total_per_pair, round((self_time)::numeric/(select calls from pg_stat_user_functions where funcname='claim_next'),4) as self_per_pair from pg_stat_user_functions order by self_time desc limit 40");
  console.log("tps", tps); console.table(rows);
} finally { await bench.stop(); }
