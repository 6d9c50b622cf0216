import { describe, expect, test } from "vitest";
import { findDatabaseProblem } from "./database-rules.ts";
import { configSchema } from "./schema.ts";

const problem = (settings: Readonly<Record<string, string>>) =>
  findDatabaseProblem(configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo", ...settings }));
const url = (hosts: string) => `postgres://boss:geheim@${hosts}/muster`;
const LOOPBACK = [
  "localhost",
  "LOCALHOST.",
  "db.localhost",
  "127.0.0.1",
  "127.8.9.1:6000",
  "127.1",
  "0x7f000001",
  "2130706433",
  "0.0.0.0",
  "[::1]:6000",
  "[0:0:0:0:0:0:0:1]",
  "[::]",
  "[::ffff:127.0.0.1]",
];

test("a second way to an external database needs a first one", () => {
  expect(problem({ databaseListenUrl: url("db.example") })).toMatchObject({ key: "databaseListenUrl" });
  expect(problem({ databaseListenUrl: url("db.example"), databaseUrl: url("db.example") })).toBeNull();
});

describe("with the compose driver, whose way to the server begins in a container,", () => {
  test.each(LOOPBACK)("%s is that container, and is refused", (host) => {
    expect(problem({ driver: "compose", databaseUrl: url(host) })).toMatchObject({
      key: "databaseUrl",
      why: expect.stringMatching(/is that container itself$/),
      hint: expect.stringContaining("ELK_OS_DRIVER=embedded"),
    });
  });

  test("one such host among several is refused, and named without login and password", () => {
    const found = problem({ driver: "compose", databaseUrl: url("db-a.example,127.0.0.1:6000,db-b.example") });
    expect(found?.why).toContain("and 127.0.0.1 is");
    expect(JSON.stringify(found)).not.toMatch(/geheim|boss|example/);
  });

  test("so is one of the way past a pooler", () => {
    const settings = { driver: "compose", databaseUrl: url("db.example"), databaseListenUrl: url("localhost:6000") };
    expect(problem(settings)).toMatchObject({ key: "databaseListenUrl" });
  });

  test.each([
    "db.example",
    "localhost.example",
    "10.0.0.7",
    "172.17.0.1:6000",
    "192.0.2.7",
    "[fd00::7]",
    "my_db",
    "128.1",
  ])("%s is not that container", (host) => {
    expect(problem({ driver: "compose", databaseUrl: url(host) })).toBeNull();
  });
});

test.each(LOOPBACK)("processes of this machine reach %s", (host) => {
  expect(problem({ driver: "embedded", databaseUrl: url(host) })).toBeNull();
  expect(problem({ driver: "auto", databaseUrl: url(host) })).toBeNull();
});
