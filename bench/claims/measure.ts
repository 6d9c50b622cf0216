/** The whole run: R beside each of our own figures, the rivals beside Muster under the same driver, and the curves. */
import type { Line } from "./chart.ts";
import type { Bench } from "./cluster.ts";
import { type Load, type Pace, runContender } from "./contenders.ts";
import { BUSY_AGENT, costOfClaim } from "./cost.ts";
import { LACKS, type Row, round, rowOf } from "./rows.ts";
import { isAskedPin, type Sizes } from "./sizes.ts";

const CLIENTS = 4;

export interface Measured {
  readonly rows: readonly Row[];
  /** Every figure behind the rows, per second unless its name says otherwise. */
  readonly figures: Readonly<Record<string, number | null>>;
  readonly curves: Readonly<Record<"latency" | "clients" | "rivals", readonly Line[]>>;
}

const middle = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const OWN = ["pair", "advance", "batch", "heartbeat"] as const;
type Own = (typeof OWN)[number];
/** Tasks that one run of the script ends. */
const TASKS_EACH: Readonly<Record<Own, number>> = { pair: 1, advance: 1, batch: 50, heartbeat: 1 };

/** One round after the other, each with R before and after it, so that a neighbour who comes or goes weighs on all. */
async function inRounds(bench: Bench, sizes: Sizes) {
  const rounds: (Record<Own, number> & { readonly R: number })[] = [];
  const R = () => bench.pgbench("update", CLIENTS, ["-T", sizes.seconds]);
  for (let round = 0; round < sizes.rounds; round += 1) {
    const own = { pair: 0, advance: 0, batch: 0, heartbeat: 0 };
    const before = await R();
    for (const script of OWN) {
      await bench.fillTo(sizes.small + (script === "batch" ? sizes.batches * 50 : sizes.pairs));
      own[script] = TASKS_EACH[script] * (await bench.pgbench(script, CLIENTS, ["-T", sizes.seconds * 2]));
    }
    rounds.push({ ...own, R: (before + (await R())) / 2 });
  }
  const median = (of: (round: (typeof rounds)[number]) => number) => middle(rounds.map(of));
  return {
    own: (name: Own | "R") => median((round) => round[name]),
    ratio: (name: Own, to: Own | "R") => median((round) => round[name] / round[to]),
  };
}

/** Contenders in turn, there and back again (A B B A): the mean of both. Who was cut on the way there is not asked again. */
async function inTurn(names: readonly string[], run: (name: string) => Promise<Pace>) {
  const seen = new Map<string, Pace[]>(names.map((name) => [name, []]));
  for (const name of [...names, ...names.toReversed()]) {
    const paces = seen.get(name);
    if (paces?.some(({ isBound }) => isBound) === false) paces.push(await run(name));
  }
  return (name: string): Pace => {
    const paces = seen.get(name) ?? [];
    const values = paces.flatMap(({ perSecond }) => (perSecond === null ? [] : [perSecond]));
    return {
      perSecond: values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length,
      isBound: paces.some(({ isBound }) => isBound),
      why: paces.find(({ why }) => why !== null)?.why ?? null,
    };
  };
}

function told({ perSecond, isBound, why }: Pace): string {
  if (perSecond === null) return why ?? "not measured";
  return isBound ? `slower than ${round(perSecond)}/s (${why})` : `${round(perSecond)}/s`;
}

export async function measure(bench: Bench, sizes: Sizes, note: (line: string) => void): Promise<Measured> {
  const { admin } = bench;
  const figures: Record<string, number | null> = {};
  const leaseUpdates =
    "select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables where relid = 'muster.leases'::regclass";
  const { own, ratio } = await inRounds(bench, sizes);
  for (const name of ["R", ...OWN] as const) figures[name] = own(name);
  note(`R ${round(own("R"))}/s, ${OWN.map((name) => `${name} ${round(own(name))}/s`).join(", ")}`);
  // Leases are updated by heartbeats and by nothing else.
  await admin.query("select pg_sleep(1.1)");
  const { updates, hot: inPlace } = (await admin.query(leaseUpdates)).rows[0];
  const hot = Number(inPlace) / Math.max(1, Number(updates));

  const clients: [number, number][] = [];
  const yardstick: [number, number][] = [];
  for (const count of [1, 2, 4, 8, 16]) {
    await bench.fillTo(sizes.small + sizes.pairs);
    clients.push([count, await bench.pgbench("pair", count, ["-T", sizes.seconds])]);
    yardstick.push([count, await bench.pgbench("update", count, ["-T", sizes.seconds])]);
  }

  const load = (backlog: number, extra: Partial<Load> = {}): Load => ({
    backlog,
    timed: sizes.timed,
    before: 0,
    clients: CLIENTS,
    ...extra,
  });
  const run = (of: Load) => async (name: string) => {
    await bench.fillTo(of.backlog + of.timed);
    const pace = await runContender(name, bench, of);
    note(`${name}, ${of.backlog} waiting: ${told(pace)}`);
    return pace;
  };
  const all = [
    "muster-pair",
    "muster-advance",
    "pg-boss",
    "pg-boss-tuned",
    "pg-boss-batched",
    "graphile-worker",
    "graphile-worker-batched",
  ];
  const small = await inTurn(all, run(load(sizes.small)));
  await bench.fillTo(sizes.small);
  // The first samples of a run would pay for caches that every later backlog finds warm.
  await costOfClaim(admin);
  const fresh = await costOfClaim(admin);
  const latency: [number, number][] = [[sizes.small, fresh.claim.ms]];
  const also = ["muster-pair", "muster-advance", "pg-boss", "pg-boss-tuned", "graphile-worker"];
  const large = await inTurn(also, run(load(sizes.large)));
  for (const backlog of sizes.backlogs) {
    await bench.fillTo(backlog);
    latency.push([backlog, (await costOfClaim(admin)).claim.ms]);
  }
  const holder = await bench.database.connect("postgres");
  const pinnedAt = performance.now();
  await holder.query("begin isolation level repeatable read");
  await holder.query("select count(*) from public.os_agents");
  await bench.fillTo(sizes.large + sizes.dead);
  await bench.pgbench("pair", CLIENTS, ["-t", Math.ceil(sizes.dead / CLIENTS)]);
  await admin.query("select muster.tick()");
  const pinnedFor = () => (performance.now() - pinnedAt) / 1000;
  await admin.query("select pg_sleep($1)", [Math.max(0, sizes.pinnedSeconds - pinnedFor())]);
  const underPinNote = `xmin pinned for ${Math.floor(pinnedFor())} s before, ${sizes.dead} dead rows`;
  const pinned = await costOfClaim(admin);
  const pinnedBusy = await costOfClaim(admin, BUSY_AGENT);
  const underPin = await inTurn(["muster-advance", "graphile-worker"], run(load(sizes.small, { before: sizes.dead })));
  await holder.query("rollback");
  const keep = (name: string, where: string, pace: Pace) => {
    figures[`${name}, ${where}${pace.isBound ? ", slower than" : ""}`] = pace.perSecond;
  };
  for (const name of all) keep(name, `${sizes.small} waiting`, small(name));
  for (const name of also) keep(name, `${sizes.large} waiting`, large(name));
  for (const name of ["muster-advance", "graphile-worker"]) keep(name, "xmin pinned", underPin(name));

  /** Of a rival that was cut, the least that the ratio can be; of ourselves that would be the most, so then there is none. */
  const over = (mine: Pace, theirs: Pace) =>
    mine.perSecond === null || mine.isBound || theirs.perSecond === null ? null : mine.perSecond / theirs.perSecond;
  const against = (mine: Pace, theirs: Pace, lacks: string) =>
    `${told(mine)} against ${told(theirs)}, both driven from Node; it has ${lacks}${theirs.isBound ? "; the ratio is at least this" : ""}`;
  const isAsked = isAskedPin(sizes);
  const last = latency.at(-1) ?? [sizes.small, fresh.claim.ms];
  const rows = [
    rowOf("pair", ratio("pair", "R"), `${round(own("pair"))}/s of ${round(own("R"))}/s, ${CLIENTS} clients`),
    rowOf("advance", ratio("advance", "pair"), `${round(own("advance"))} tasks/s`),
    rowOf("batch", ratio("batch", "R"), `${round(own("batch"))} tasks/s`),
    rowOf(
      "bossSmall",
      over(small("muster-pair"), small("pg-boss")),
      against(small("muster-pair"), small("pg-boss"), LACKS["pg-boss"]),
    ),
    rowOf(
      "bossLarge",
      over(large("muster-pair"), large("pg-boss")),
      `${sizes.large} waiting: ${against(large("muster-pair"), large("pg-boss"), LACKS["pg-boss"])}`,
    ),
    rowOf(
      "graphile",
      over(small("muster-advance"), small("graphile-worker")),
      against(small("muster-advance"), small("graphile-worker"), LACKS["graphile-worker"]),
    ),
    rowOf(
      "graphilePinned",
      over(underPin("muster-advance"), underPin("graphile-worker")),
      `${underPinNote}: ${against(underPin("muster-advance"), underPin("graphile-worker"), LACKS["graphile-worker"])}`,
      isAsked,
    ),
    rowOf("claimBuffers", fresh.claim.buffers, "every row, index entry and foreign key of one claim_next"),
    rowOf("claimBuffersPinned", pinned.claim.buffers, `by an agent that ended none of them; ${underPinNote}`, isAsked),
    rowOf(
      "claimBuffersBusy",
      pinnedBusy.claim.buffers,
      `by one of ${CLIENTS} that ended them; ${underPinNote}`,
      isAsked,
    ),
    rowOf("pickBuffers", fresh.pick.buffers, "finding and locking the task"),
    rowOf("pickBuffersPinned", pinned.pick.buffers, underPinNote, isAsked),
    rowOf(
      "latency",
      last[1] / fresh.claim.ms,
      `${last[0]} waiting: ${round(fresh.claim.ms)} ms → ${round(last[1])} ms; medians of the statement's time on the server, without commit and round trip`,
    ),
    rowOf("heartbeat", ratio("heartbeat", "R"), `${round(own("heartbeat"))}/s`),
    rowOf("hot", hot, "updates of muster.leases"),
  ];
  // A bound is no point of a curve.
  const rivals = all
    .map((name): Line => {
      const paces = [
        [sizes.small, small(name)],
        ...(also.includes(name) ? [[sizes.large, large(name)] as const] : []),
      ] as const;
      return {
        name,
        points: paces.flatMap(([backlog, { perSecond, isBound }]) =>
          perSecond === null || isBound ? [] : [[backlog, perSecond] as const],
        ),
      };
    })
    .filter(({ points }) => points.length > 0);
  return {
    rows,
    figures,
    curves: {
      latency: [{ name: "claim_next, whole", points: latency }],
      clients: [
        { name: "pair", points: clients },
        { name: "R", points: yardstick },
      ],
      rivals,
    },
  };
}
