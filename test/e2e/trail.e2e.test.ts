import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

let stack: Stack;
let superuser: pg.Client;

beforeAll(async () => {
  ({ stack } = await sharedStack());
  superuser = new pg.Client({
    host: "127.0.0.1",
    port: stack.ports.postgres,
    database: "muster",
    user: "postgres",
    password: stack.secret("postgres_superuser_password"),
  });
  await superuser.connect();
  // Past every trigger, as only somebody with the superuser's password can.
  await superuser.query("set session_replication_role = replica");
});

afterAll(async () => {
  await superuser?.end();
});

const verify = async (what: "events" | "receipts") => {
  const { exit, json } = await stack.run([what, "verify", "--json"]);
  return { exit, json };
};

describe("the trail of a running stack", () => {
  it("verifies whole, says so in words, and its receipts can be read", async () => {
    expect(await verify("events")).toMatchObject({ exit: 0, json: { ok: true, first: null } });
    expect(await verify("receipts")).toMatchObject({ exit: 0, json: { ok: true, receipts: expect.any(Number) } });
    expect((await stack.run(["receipts", "verify"])).stdout).toMatch(/^whole {5}\d+ receipts/);
    const listed = await stack.run(["receipts", "list", "--limit", "1", "--json"]);
    const { receipts } = listed.json as { receipts: readonly { number: number; hash: string }[] };
    const shown = await stack.run(["receipts", "show", `r-${receipts[0]?.number}`, "--json"]);
    expect(shown.json).toMatchObject({ hash: receipts[0]?.hash, steps: expect.any(Array) });
    expect((await stack.run(["receipts", "show", "r-9999", "--json"])).exit).toBe(2);
    expect((await stack.run(["events", "tail", "--limit", "2", "--json"])).json).toMatchObject({
      events: [{ hash: expect.any(String) }, { hash: expect.any(String) }],
    });
    expect((await stack.run(["board", "stats", "--json"])).json).toMatchObject({
      stats: expect.arrayContaining([expect.objectContaining({ dimension: "all", value: "all" })]),
    });
  });

  it("ends with 3 and names the event that the superuser changed, until it is as it was", async () => {
    const { rows } = await superuser.query(
      "update os_events set kind = kind || '!' where id = (select max(id) from os_events where entity = 'os_tasks') returning entity_id, version",
    );
    try {
      expect(await verify("events")).toMatchObject({
        exit: 3,
        json: {
          ok: false,
          first: {
            chain: `os_tasks ${rows[0]?.entity_id}`,
            at: `version ${rows[0]?.version}`,
            what: "its content was changed",
          },
        },
      });
    } finally {
      await superuser.query("update os_events set kind = rtrim(kind, '!') where kind like '%!'");
    }
    expect((await verify("events")).exit).toBe(0);
  });

  it("ends with 3 and names the receipt that the superuser took away", async () => {
    await superuser.query(
      "create temporary table kept as select * from os_receipts where number = (select max(number) from os_receipts)",
    );
    await superuser.query("delete from os_receipts using kept where kept.id = os_receipts.id");
    try {
      const { exit, json } = await verify("receipts");
      expect(exit).toBe(3);
      expect(json).toMatchObject({ first: { chain: "receipts", what: "it is missing at the end of the chain" } });
    } finally {
      await superuser.query("insert into os_receipts select * from kept");
    }
    expect((await verify("receipts")).exit).toBe(0);
  });
});
