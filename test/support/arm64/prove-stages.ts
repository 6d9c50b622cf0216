/**
 * What runs of two stages, in a process of its own so that it may stand where there is no network: node prove-stages.ts SEARCH NODE POSTGRES FOLDER, which
 * are the staged search service, the script that runs Node for it, the folder of Postgres's programs and an empty one. Prints one JSON document.
 */
import { join } from "node:path";
import { loadMigrations } from "../../../board/src/sql-files.ts";
import { startCluster } from "../postgres.ts";
import { copyClosed, makeCluster } from "../postgres-template.ts";
import { startSearch } from "./search-service.ts";

export interface Proven {
  /** "OK" when its signature is the instance's, and its process.arch. */
  readonly identity: { readonly verdict: string; readonly arch: string | null };
  /** How it finds the nearest vectors, and what it found. */
  readonly index: string;
  readonly citation: string | null;
  /** What Postgres says it is, and how many migrations it took. */
  readonly version: string;
  readonly migrations: number;
}

const [stage = "", node = "", native = "", folder = ""] = process.argv.slice(2);

async function proveSearch(): Promise<Pick<Proven, "identity" | "index" | "citation">> {
  const search = await startSearch(stage, node);
  try {
    const identity = await search.identity();
    const { vectors } = await search.health();
    const { hits } = await search.search("npm ci skips an optional package");
    return {
      identity: { verdict: identity.verdict, arch: "answer" in identity ? (identity.answer?.arch ?? null) : null },
      index: vectors.index,
      citation: hits[0]?.citation ?? null,
    };
  } finally {
    await search.dispose();
  }
}

async function provePostgres(): Promise<Pick<Proven, "version" | "migrations">> {
  await makeCluster(folder, loadMigrations(), native);
  const postgres = await startCluster((data) => copyClosed(join(folder, "data"), data), [], native);
  try {
    const client = await (await postgres.createDatabase()).connect("postgres");
    const { rows } = await client.query<Pick<Proven, "version" | "migrations">>(
      "select version(), (select count(*)::int from muster.migrations) as migrations",
    );
    const [row] = rows;
    if (row === undefined) throw new Error("Postgres answers nothing.");
    return row;
  } finally {
    await postgres.stop();
  }
}

const proven: Proven = { ...(await proveSearch()), ...(await provePostgres()) };
process.stdout.write(JSON.stringify(proven));
