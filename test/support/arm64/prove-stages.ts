/**
 * What runs of a cache, in a process of its own so that it may stand where there is no network: node prove-stages.ts PLACES, one JSON document of the shape
 * below. Prints another one.
 */
import { join } from "node:path";
import { IDENTITY_PATH, verifyIdentity } from "@muster/board/identity";
import { z } from "zod";
import { loadMigrations } from "../../../board/src/sql-files.ts";
import { bringUpStagedBoard } from "../board.ts";
import { startCluster, type TestPostgres } from "../postgres.ts";
import { copyClosed, makeCluster } from "../postgres-template.ts";
import { startSearch } from "./search-service.ts";

export interface Places {
  /** The script that runs Node. */
  readonly node: string;
  /** Folders as they were staged; Postgres's programs are scripts. */
  readonly search: string;
  readonly postgres: string;
  readonly directus: string;
  readonly extension: string;
  /** An empty one. */
  readonly cluster: string;
}

export interface Proven {
  readonly search: {
    /** "OK" when its signature is the instance's, and its process.arch. */
    readonly verdict: string;
    readonly arch: string | null;
    /** How it finds the nearest vectors, and what it found. */
    readonly index: string;
    readonly citation: string | null;
  };
  /** What it says it is, and how many migrations it took. */
  readonly postgres: { readonly version: string; readonly migrations: number };
  /** Whether its answer is signed by its key, the process.arch in it, and whom it takes its administrator for. */
  readonly directus: { readonly isSigned: boolean; readonly arch: string | null; readonly email: string };
}

const places = JSON.parse(process.argv[2] ?? "") as Places;

async function proveSearch(): Promise<Proven["search"]> {
  const search = await startSearch(places.search, places.node);
  try {
    const { verdict, answer } = await search.identity();
    const { vectors } = await search.health();
    const { hits } = await search.search("npm ci skips an optional package");
    return { verdict, arch: answer?.arch ?? null, index: vectors.index, citation: hits[0]?.citation ?? null };
  } finally {
    await search.dispose();
  }
}

const startPostgres = (): Promise<TestPostgres> =>
  startCluster((data) => copyClosed(join(places.cluster, "data"), data), [], places.postgres);

async function provePostgres(): Promise<Proven["postgres"]> {
  await makeCluster(places.cluster, loadMigrations(), places.postgres);
  const postgres = await startPostgres();
  try {
    const client = await (await postgres.createDatabase()).connect("postgres");
    const { rows } = await client.query<Proven["postgres"]>(
      "select version(), (select count(*)::int from muster.migrations) as migrations",
    );
    const [row] = rows;
    if (row === undefined) throw new Error("Postgres answers nothing.");
    return row;
  } finally {
    await postgres.stop();
  }
}

/** From its own tables on. */
async function proveDirectus(): Promise<Proven["directus"]> {
  const stages = { node: places.node, "directus-runtime": places.directus, extension: places.extension };
  const board = await bringUpStagedBoard("arm64", startPostgres, stages);
  try {
    await board.migrate();
    const { url, adminToken, identityKey } = board.directus;
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${adminToken}` } })).json();
    const nonce = "n".repeat(32);
    const expected = { nonce, instance: board.instanceId, service: "directus" } as const;
    const { verdict, answer } = verifyIdentity(identityKey, await ask(`${IDENTITY_PATH}?nonce=${nonce}`), expected);
    const { data } = z.object({ data: z.object({ email: z.string() }) }).parse(await ask("/users/me"));
    return { isSigned: ["OK", "DEGRADED"].includes(verdict), arch: answer?.arch ?? null, email: data.email };
  } finally {
    await board.stop();
  }
}

async function proveBoard(): Promise<Pick<Proven, "postgres" | "directus">> {
  return { postgres: await provePostgres(), directus: await proveDirectus() };
}

const [search, board] = await Promise.all([proveSearch(), proveBoard()]);
const proven: Proven = { search, ...board };
process.stdout.write(JSON.stringify(proven));
