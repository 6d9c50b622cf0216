/** The door against real servers: a primary and a standby that follows it. */
import { chownSync, readFileSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../../test/support/ports.ts";
import { startPostgres, type TestPostgres } from "../../../test/support/postgres.ts";
import { serverUser } from "../../../test/support/postgres-server.ts";
import { makeSelfSigned } from "../../../test/support/self-signed.ts";
import { asSuperuser, type Standby, startStandby } from "../../../test/support/standby.ts";
import { temporaryFolder } from "../../../test/support/temporary-folder.ts";
import { type Door, openDoor } from "./door.ts";
import type { Upstream } from "./way.ts";

const HOST = "127.0.0.1";

let primary: TestPostgres;
let standby: Standby;
beforeAll(async () => {
  primary = await startPostgres([]);
  standby = await startStandby(primary, "standby");
});
afterAll(async () => {
  await standby?.stop();
  await primary?.stop();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

async function openTo(ports: readonly number[], more: Partial<Upstream> & { session?: number } = {}) {
  const { session, ...rest } = more;
  const upstreamOf = (all: readonly number[]): Upstream => ({
    hosts: all.map((port) => ({ host: HOST, port })),
    tlsMode: "prefer",
    roots: null,
    ...rest,
  });
  const said: string[] = [];
  const door = await openDoor(
    {
      listen: { hosts: [HOST], port: 0 },
      upstream: upstreamOf(ports),
      session: session === undefined ? null : { user: "postgres", upstream: upstreamOf([session]) },
    },
    (line) => said.push(line),
  );
  opened.push(door);
  return { door, said };
}

async function ask<Row extends pg.QueryResultRow>(door: Door, text: string, user = "postgres"): Promise<Row[]> {
  const client = new pg.Client({ host: HOST, port: door.port, database: "postgres", user, password: "test" });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const PORT = "select inet_server_port() as port";
const deadPort = async () => (await freePorts(1))[0] ?? 0;

describe("the door", () => {
  it("passes a connection on, whatever goes through it", async () => {
    const { door } = await openTo([primary.port]);
    const [row] = await ask<{ text: string }>(door, "select repeat('x', 3000000) as text");
    expect(row?.text).toHaveLength(3_000_000);
  });

  it("refuses a standby in Postgres's own words, and leads the next connection to the primary", async () => {
    const { door, said } = await openTo([standby.port, primary.port]);
    await expect(ask(door, PORT)).rejects.toMatchObject({
      code: "57P03",
      message: expect.stringContaining("is a standby"),
    });
    expect(await ask(door, PORT)).toEqual([{ port: primary.port }]);
    expect(await ask(door, PORT)).toEqual([{ port: primary.port }]);
    expect(said).toEqual([`${HOST}:${standby.port} is a standby`, `${HOST}:${primary.port} takes writes`]);
  });

  it("tries the next host for the same connection when nobody is there", async () => {
    const { door } = await openTo([await deadPort(), primary.port]);
    expect(await ask(door, PORT)).toEqual([{ port: primary.port }]);
  });

  it("does not wait for a host that takes a connection and says nothing", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, HOST, resolve));
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { door } = await openTo([port, primary.port]);
    expect(await ask(door, PORT)).toEqual([{ port: primary.port }]);
    silent.close();
  });

  it("listens on each of its addresses and on no other, and on none when one is taken", async () => {
    const upstream = { hosts: [{ host: HOST, port: primary.port }], tlsMode: "prefer", roots: null } as const;
    const open = async (hosts: readonly [string, ...string[]], port: number) =>
      openDoor({ listen: { hosts, port }, upstream, session: null }, () => undefined);
    const door = await open([HOST, "127.0.0.2"], 0);
    opened.push(door);
    const login = { port: door.port, database: "postgres", user: "postgres", password: "test" };
    for (const host of [HOST, "127.0.0.2"]) {
      const client = new pg.Client({ ...login, host });
      await client.connect();
      await client.end();
    }
    await expect(new pg.Client({ ...login, host: "127.0.0.3" }).connect()).rejects.toThrow("ECONNREFUSED");
    await expect(open(["127.0.0.3", "127.0.0.2"], door.port)).rejects.toThrow("EADDRINUSE");
    await expect(new pg.Client({ ...login, host: "127.0.0.3" }).connect()).rejects.toThrow("ECONNREFUSED");
  });

  it("names each host with its reason when none is there", async () => {
    const dead = [await deadPort(), await deadPort()];
    const { door } = await openTo(dead);
    const refusal: unknown = await ask(door, PORT).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "08006" });
    for (const port of dead) expect(String(refusal)).toMatch(new RegExp(`${HOST}:${port}: .*ECONNREFUSED`));
  });

  it("does without TLS only where it need not be", async () => {
    const { door } = await openTo([primary.port], { tlsMode: "require" });
    await expect(ask(door, PORT)).rejects.toThrow("it offers no TLS");
  });

  it("leads the administrator past a pooler, and everybody else through it", async () => {
    const { door } = await openTo([await deadPort()], { session: primary.port });
    expect(await ask(door, PORT)).toEqual([{ port: primary.port }]);
    await expect(ask(door, PORT, "muster_rag")).rejects.toMatchObject({ code: "08006" });
  });

  it("ends a client's connection with its server's, and the server's with the client's", async () => {
    const { door } = await openTo([primary.port]);
    const login = { host: HOST, port: door.port, database: "postgres", user: "postgres", password: "test" };
    const mine = "select count(*)::int from pg_stat_activity where application_name = 'through the door'";
    const client = new pg.Client({ ...login, application_name: "through the door" });
    const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
    client.on("error", () => undefined);
    await client.connect();
    await client.query("select pg_terminate_backend(pg_backend_pid())").catch(() => undefined);
    await ended;
    const other = new pg.Client({ ...login, application_name: "through the door" });
    await other.connect();
    expect(await ask(door, mine)).toEqual([{ count: 1 }]);
    await other.end();
    await expect.poll(() => ask(door, mine)).toEqual([{ count: 0 }]);
  });

  it("passes on the wish to cancel a statement", async () => {
    const { door } = await openTo([primary.port]);
    const login = { host: HOST, port: door.port, database: "postgres", user: "postgres", password: "test" };
    const busy = new pg.Client(login);
    busy.on("error", () => undefined);
    let key: { processID: number; secretKey: number } | undefined;
    busy.connection.once("backendKeyData", (message) => {
      key = message;
    });
    await busy.connect();
    const sleeping = busy.query("select pg_sleep(60)").catch((error: unknown) => error);
    const waits = `select wait_event from pg_stat_activity where pid = ${key?.processID}`;
    await expect.poll(() => ask(door, waits)).toEqual([{ wait_event: "PgSleep" }]);
    const wish = Buffer.alloc(16);
    for (const [index, word] of [16, 80_877_102, key?.processID ?? 0, key?.secretKey ?? 0].entries()) {
      wish.writeInt32BE(word, index * 4);
    }
    connect(door.port, HOST)
      .on("error", () => undefined)
      .end(wish);
    expect(await sleeping).toMatchObject({ code: "57014" });
    await busy.end();
  });

  it("checks whom it speaks to as far as it was told to", async () => {
    const folder = temporaryFolder();
    const { key, certificate } = makeSelfSigned(join(folder, "server"), ["IP:127.0.0.1"]);
    const other = makeSelfSigned(join(folder, "other"), ["DNS:elsewhere.example"]);
    const roots = readFileSync(certificate, "utf8");
    await serveTls(key, certificate);
    const encrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    for (const tlsMode of ["prefer", "require", "verify-ca", "verify-full"] as const) {
      const { door } = await openTo([primary.port], { tlsMode, roots });
      expect([tlsMode, ...(await ask(door, encrypted))]).toEqual([tlsMode, { ssl: true }]);
    }
    const plain = await openTo([primary.port], { tlsMode: "disable" });
    expect(await ask(plain.door, encrypted)).toEqual([{ ssl: false }]);
    for (const tlsMode of ["verify-ca", "verify-full"] as const) {
      const { door } = await openTo([primary.port], { tlsMode, roots: readFileSync(other.certificate, "utf8") });
      await expect(ask(door, encrypted)).rejects.toThrow(/self-signed certificate|unable to verify/);
    }
    await serveTls(other.key, other.certificate);
    const named = await openTo([primary.port], {
      tlsMode: "verify-full",
      roots: readFileSync(other.certificate, "utf8"),
    });
    await expect(ask(named.door, encrypted)).rejects.toThrow(/does not match|altnames/i);
  });
});

/** Has the primary serve TLS with these from its next connection on. */
async function serveTls(key: string, certificate: string): Promise<void> {
  const user = serverUser();
  for (const [from, to] of [[key, "server.key"] as const, [certificate, "server.crt"] as const]) {
    const path = join(primary.dataFolder, to);
    writeFileSync(path, readFileSync(from), { mode: 0o600 });
    if (user !== null) chownSync(path, user.uid, user.gid);
  }
  await asSuperuser(primary, async (client) => {
    await client.query("alter system set ssl = off");
    await client.query("select pg_reload_conf()");
    await client.query("alter system set ssl = on");
    await client.query("select pg_reload_conf()");
  });
  await expect
    .poll(() => asSuperuser(primary, async (client) => (await client.query("show ssl")).rows))
    .toEqual([{ ssl: "on" }]);
}

// Last: from here on the pair is none.
it("finds the standby by itself once it was promoted", async () => {
  const { door } = await openTo([primary.port, standby.port]);
  expect(await ask(door, PORT)).toEqual([{ port: primary.port }]);
  await primary.kill();
  await standby.promote();
  expect(await ask(door, PORT)).toEqual([{ port: standby.port }]);
});
