import pg from "pg";
import type { Config } from "../config/schema.ts";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { doorSettings } from "../services/postgres-door.ts";
import { askExternal, hasSessions } from "./ask-external.ts";
import { type ExternalFacts, readExternalFacts } from "./external-facts.ts";
import type { Login } from "./logins.ts";
import type { Upstream } from "./way.ts";

/** What one look at the server found. */
export interface ExternalLook {
  readonly facts: ExternalFacts;
  /** Instance whose board is there; null: none, or not ours to read. */
  readonly instance: string | null;
  /** What one connection tells another arrives. */
  readonly isSession: boolean;
}

/** The ways to the server: that of the services, and that of the administrator's sessions, which are one without a pooler. */
export function waysTo(config: Config): { readonly services: Upstream; readonly sessions: Upstream } {
  const { upstream, session } = doorSettings(config, { hosts: [""], port: 0 });
  return { services: upstream, sessions: session?.upstream ?? upstream };
}

/** Looks at the host that takes writes. @throws what pg throws; where no host lets us in, with each one's reason */
export function lookAtExternal(upstream: Upstream, login: Login): Promise<ExternalLook> {
  return onWritable(upstream, (only) =>
    askExternal(only, login, async (client, connect) => {
      const facts = await readExternalFacts(client);
      return { facts, instance: await findBoard(client, facts), isSession: await hasSessions(client, await connect()) };
    }),
  );
}

/** A standby says so when it is asked; then the next host is. */
export async function onWritable<T>(upstream: Upstream, work: (only: Upstream) => Promise<T>): Promise<T> {
  const refusals: string[] = [];
  for (const host of upstream.hosts) {
    try {
      return await work({ ...upstream, hosts: [host] });
    } catch (error) {
      // Any other refusal is the same on each host.
      const isNext = error instanceof pg.DatabaseError && NEXT.has(error.code ?? "");
      if (!isNext || upstream.hosts.length === 1) throw error;
      refusals.push(error.message);
    }
  }
  throw new Error(refusals.join("; "));
}

const STANDBY = "57P03";
/** The door's words: nobody there, a standby. */
const NEXT: ReadonlySet<string> = new Set(["08006", STANDBY]);

export interface HostSeen {
  readonly name: string;
  readonly state: "takes writes" | "is a standby" | "does not answer";
}

/** What each host is now, asked one after the other. */
export async function surveyHosts(upstream: Upstream, login: Login): Promise<readonly HostSeen[]> {
  const seen: HostSeen[] = [];
  for (const host of upstream.hosts) {
    const name = `${host.host}:${host.port}`;
    try {
      await askExternal({ ...upstream, hosts: [host] }, login, async () => undefined);
      seen.push({ name, state: "takes writes" });
    } catch (error) {
      const isStandby = error instanceof pg.DatabaseError && error.code === STANDBY;
      seen.push({ name, state: isStandby ? "is a standby" : "does not answer" });
    }
  }
  return seen;
}

async function findBoard(client: pg.Client, { has_board }: ExternalFacts): Promise<string | null> {
  if (!has_board) return null;
  try {
    const { rows } = await client.query<{ instance_id: string }>(readSql("instance.find"));
    return rows[0]?.instance_id ?? null;
  } catch (error) {
    // Whose it is cannot be asked without the right, which is what is then said.
    if (error instanceof pg.DatabaseError && error.code === "42501") return null;
    throw error;
  }
}
