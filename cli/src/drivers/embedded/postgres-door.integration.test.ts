/** The door as a service of the driver: its whole life, with a server that goes on whatever happens to it. */
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DrivenInstance, drivenInstance } from "../../../../test/support/embedded/driven-instance.ts";
import { startPostgres, type TestPostgres } from "../../../../test/support/postgres.ts";
import { holdersOf } from "../../../../test/support/processes.ts";
import { asSuperuser } from "../../../../test/support/standby.ts";
import { loadConfig } from "../../config/load.ts";
import { findProcess } from "../../host/process-table.ts";
import { waitUntil } from "../../host/wait.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres([]);
  await asSuperuser(server, async (client) => {
    await client.query("create role boss login createrole password 'geheim'");
    for (const name of ["muster_template", "muster_template_bare"]) await client.query(`drop database ${name}`);
    for (const role of ["muster_owner", "muster_directus", "muster_portal", "muster_rag"])
      await client.query(`drop role ${role}`);
    await client.query("create database muster owner boss template template0");
  });
});
afterAll(() => server?.stop());

async function startedInstance(): Promise<{ readonly instance: DrivenInstance; readonly pid: number }> {
  const cache = loadConfig({ checkout: CHECKOUT }).value.cacheDir;
  const instance = await drivenInstance({ checkout: CHECKOUT, cache });
  instance.settings = { ELK_OS_DATABASE_URL: `postgres://boss:geheim@127.0.0.1:${server.port}/muster` };
  const { changed, services } = await instance.drive("up", "postgres");
  expect(changed).toEqual({ postgres: true });
  return { instance, pid: services.find(({ service }) => service === "postgres")?.pid ?? 0 };
}

test("comes up where Postgres would, is left alone the second time, and goes without the server", async () => {
  const { instance, pid } = await startedInstance();
  expect(holdersOf([instance.ports[0]])).toEqual([pid]);
  expect(findProcess(pid)?.argv.join(" ")).toContain("door-main.ts");
  expect(readFileSync(join(instance.state, "secrets", "database_url"), "utf8")).toContain("geheim");
  // The variable is not needed any more: what was recorded holds.
  instance.settings = {};
  expect((await instance.drive("up", "postgres")).changed).toEqual({ postgres: false });
  expect((await instance.drive("down")).changed).toEqual({ down: true });
  expect(holdersOf([instance.ports[0]])).toEqual([]);
  await asSuperuser(
    server,
    async (client) => expect((await client.query("select 1 as one")).rows).toEqual([{ one: 1 }]),
    "muster",
  );
});

test("is known again when no record names it, and replaced", async () => {
  const { instance, pid } = await startedInstance();
  const supervisor: unknown = JSON.parse(readFileSync(join(instance.state, "run", "supervisor.json"), "utf8"));
  process.kill(Number(Reflect.get(Object(supervisor), "pid")), "SIGKILL");
  rmSync(join(instance.state, "run", "postgres.json"));
  const { services } = await instance.drive("up", "postgres");
  expect(services.find(({ service }) => service === "postgres")?.pid).not.toBe(pid);
  await waitUntil(() => findProcess(pid) === null, { timeoutMs: 10_000, intervalMs: 50 });
  expect(findProcess(pid)).toBeNull();
  await instance.drive("down");
});

test("a state folder stays with the Postgres that it began with", async () => {
  const { instance } = await startedInstance();
  instance.settings = { ELK_OS_DATABASE_URL_FILE: "" };
  expect(await instance.refused("up", "postgres")).toMatchObject({ code: "DATABASE_CHANGED" });
  instance.settings = {};
  await instance.drive("down");
});
