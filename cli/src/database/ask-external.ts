import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { readSql } from "../drivers/embedded/read-sql.ts";
import { LOOPBACK } from "../services/service-def.ts";
import { DATABASE_NAME } from "../stack/connections.ts";
import { openDoor } from "./door.ts";
import type { Login } from "./logins.ts";
import type { Upstream } from "./way.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** Postgres delivers at the next idle moment of the session: milliseconds. A pooler never does. */
const NOTIFY_TIMEOUT_MS = 1_500;

/**
 * Runs work as `login` on the first of the upstream's hosts that lets it in, through a door that is open only as long: how TLS is asked for stands in one place.
 * @throws what pg throws; unreachable hosts are named with their causes
 */
export async function askExternal<T>(
  upstream: Upstream,
  login: Login,
  work: (client: pg.Client, connect: () => Promise<pg.Client>) => Promise<T>,
): Promise<T> {
  const door = await openDoor({ listen: { hosts: [LOOPBACK], port: 0 }, upstream, session: null }, () => undefined);
  const clients: pg.Client[] = [];
  const connect = async () => {
    const client = new pg.Client({
      host: LOOPBACK,
      port: door.port,
      database: DATABASE_NAME,
      user: login.user,
      password: login.password.reveal(),
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: "elk-os",
    });
    client.on("error", () => undefined);
    clients.push(client);
    await client.connect();
    return client;
  };
  try {
    return await work(await connect(), connect);
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
    await door.close();
  }
}

/** True when what one connection tells another that listens arrives: each has a session of its own. A transaction pooler gives none. */
export async function hasSessions(listener: pg.Client, notifier: pg.Client): Promise<boolean> {
  const arrived = new Promise<true>((resolve) => listener.once("notification", () => resolve(true)));
  await listener.query(readSql("session.listen"));
  await notifier.query(readSql("session.notify"));
  return Promise.race([arrived, delay(NOTIFY_TIMEOUT_MS, false)]);
}
