import { inspect } from "node:util";
import { expect, test } from "vitest";
import { parseDatabaseUrl } from "./parse-url.ts";

const LOGIN = "postgres://boss:geheim@";

test("an address names who administers the server, where it is, and how TLS is asked for", () => {
  const { password, ...target } = parseDatabaseUrl(
    "postgresql://boss:p%40ss%2Fword@db.example:6000/muster?sslmode=verify-full&sslrootcert=/etc/roots.pem",
  );
  expect(target).toEqual({
    hosts: [{ host: "db.example", port: 6000 }],
    user: "boss",
    tlsMode: "verify-full",
    rootsFile: "/etc/roots.pem",
  });
  expect(password.reveal()).toBe("p@ss/word");
});

test("several hosts are kept in their order, each with a port of its own", () => {
  const { hosts } = parseDatabaseUrl(
    `${LOGIN}a,b:5433,[2001:db8::1]:6432,10.0.0.7/muster?target_session_attrs=read-write`,
  );
  expect(hosts).toEqual([
    { host: "a", port: 5432 },
    { host: "b", port: 5433 },
    { host: "2001:db8::1", port: 6432 },
    { host: "10.0.0.7", port: 5432 },
  ]);
});

test("without a word on TLS it is used where the server has it, as libpq does", () => {
  expect(parseDatabaseUrl(`${LOGIN}a/muster`)).toMatchObject({ tlsMode: "prefer", rootsFile: null });
});

test.each([
  ["is of another kind", "mysql://boss:geheim@a/muster", /must be postgres:\/\//],
  ["has a slash in its password", "postgres://boss:ge/heim@a/muster", /percent-encoded|must be postgres/],
  ["has half an escape in its password", "postgres://boss:ge%heim@a/muster", /percent-encoded/],
  ["names nobody", "postgres://a/muster", /a user and a password/],
  ["has no password", "postgres://boss@a/muster", /a user and a password/],
  ["logs in as a service", "postgres://muster_directus:geheim@a/muster", /must not log in as muster_directus/],
  ["names another database", `${LOGIN}a/postgres`, /in the database \/muster/],
  ["names no database", `${LOGIN}a`, /in the database \/muster/],
  ["names no host", `${LOGIN}/muster`, /hosts as host/],
  ["has an empty host among others", `${LOGIN}a,,b/muster`, /hosts as host/],
  ["has a port that is none", `${LOGIN}a:70000/muster`, /hosts as host/],
  ["names a socket", `${LOGIN}%2Frun%2Fpostgresql/muster`, /hosts as host/],
  ["wants a standby", `${LOGIN}a/muster?target_session_attrs=standby`, /written to/],
  ["has a mode of TLS that is none", `${LOGIN}a/muster?sslmode=on`, /sslmode/],
  ["has roots by a relative path", `${LOGIN}a/muster?sslrootcert=roots.pem`, /absolute path/],
  ["has a parameter that would be ignored", `${LOGIN}a/muster?options=-csearch_path%3Dx`, /no parameter but/],
])("an address that %s is refused, and nothing of it is said", (_what, text, sentence) => {
  const refuse = () => parseDatabaseUrl(text);
  expect(refuse).toThrow(sentence);
  expect(refuse).not.toThrow(/geheim|heim@/);
});

test("what was read shows no password, however it is printed", () => {
  const target = parseDatabaseUrl(`${LOGIN}a/muster`);
  expect(`${inspect(target, { depth: 9 })} ${JSON.stringify(target)} ${target.password}`).not.toContain("geheim");
});
