/** The whole stack behind a real transaction pooler. Skipped, and not passed, where pgbouncer is not installed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DATABASE_ROLES } from "../../cli/src/stack/database-roles.ts";
import { look } from "../support/doctor.ts";
import { hasPooler, type Pooler, startPooler } from "../support/pooler.ts";
import { freePorts } from "../support/ports.ts";
import { startPostgres, type TestPostgres } from "../support/postgres.ts";
import { layOutStack, type Stack } from "../support/stack.ts";
import { asSuperuser } from "../support/standby.ts";
import { rest } from "../support/verb-doors.ts";

describe.skipIf(!hasPooler())("behind a transaction pooler", () => {
  let server: TestPostgres;
  let pooler: Pooler;
  let stack: Stack;
  beforeAll(async () => {
    server = await startPostgres([]);
    await asSuperuser(server, async (client) => {
      await client.query("create role boss superuser login password 'geheim'");
      await client.query("create database muster template template0");
    });
    const [port = 0] = await freePorts(1);
    const url = (to: number) => `postgres://boss:geheim@127.0.0.1:${to}/muster`;
    stack = await layOutStack({
      environment: { ELK_OS_DATABASE_URL: url(port), ELK_OS_DATABASE_LISTEN_URL: url(server.port) },
    });
    // The pooler logs in in the roles' names, so it is told the passwords that init makes.
    expect(await stack.run(["init", "--json"])).toMatchObject({ exit: 0 });
    const passwords = Object.entries(DATABASE_ROLES).map(([role, name]) => [role, stack.secret(name)]);
    pooler = await startPooler(server.port, { ...Object.fromEntries(passwords), boss: "geheim" }, port);
  });
  afterAll(async () => {
    await stack?.dispose();
    await pooler?.stop();
    await server?.stop();
  });

  it("comes up to a green board that says how services reach the database", async () => {
    const up = await stack.run(["up", "--json"]);
    expect(up, up.stdout + up.stderr).toMatchObject({ exit: 0, json: { ok: true } });
    const board = await look(stack);
    expect(board.red).toEqual([]);
    expect(board.find("PG-12").evidence).toContain("services come through a transaction pooler: they poll");
  });

  it("serves agents, readers and searches through it, again and again", async () => {
    const token = stack.secret("agent-a01");
    for (let times = 0; times < 20; times++) {
      const page = await fetch(`${stack.urls.portal}/board`);
      expect([page.status, (await page.text()).includes('href="/tasks/')]).toEqual([200, true]);
      const shown = await rest(stack.urls.directus, token, "show", { task: "1" });
      expect(shown).toMatchObject({ ok: true });
    }
    const claimed = await rest(stack.urls.directus, token, "next", { session: "pooled" });
    expect(claimed).toMatchObject({ ok: true, answer: { claimed: true } });
    const found = await fetch(`${stack.urls.rag}/search`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${stack.secret("rag_key")}` },
      body: JSON.stringify({ query: "test database starts from an empty folder", limit: 5 }),
    });
    expect(found.status).toBe(200);
  });

  it("saves the board by the way past it", async () => {
    expect(await stack.run(["backup", "create", "--json"])).toMatchObject({ exit: 0, json: { ok: true } });
  });
});
