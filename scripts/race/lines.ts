/** One connection for each racer. Several attempts may be on their way on it: each is a transaction of its own, one after the other. */
import pg from "pg";
import { DATABASE_NAME } from "../../cli/src/stack/connections.ts";
import { DATABASE_ROLES } from "../../cli/src/stack/database-roles.ts";
import type { Stack } from "../../cli/src/stack/stack.ts";
import type { Racer } from "./doors.ts";

export interface Lines {
  /** @throws Error for a racer that has none */
  line(racer: Racer): pg.Client;
  end(): Promise<void>;
}

/** The server takes 57 connections, and the services and the CLI have up to 21 of them: more than 36 racers may find no place. */
export async function openLines({ config, secrets }: Stack, racers: readonly Racer[]): Promise<Lines> {
  const user = "muster_directus";
  const password = secrets.read(DATABASE_ROLES[user]).reveal();
  const address = { host: "127.0.0.1", port: config.postgresPort, database: DATABASE_NAME };
  const lines = new Map(
    racers.map(({ name }) => [name, new pg.Client({ ...address, user, password, pipeline: true })]),
  );
  // What was on its way when a connection broke is rejected where it was asked.
  for (const client of lines.values()) client.on("error", () => {});
  const end = async () => {
    await Promise.all([...lines.values()].map((client) => client.end()));
  };
  try {
    await Promise.all([...lines.values()].map((client) => client.connect()));
  } catch (error) {
    await end();
    throw error;
  }
  return {
    line({ name }) {
      const client = lines.get(name);
      if (client === undefined) throw new Error(`${name} has no connection.`);
      return client;
    },
    end,
  };
}
