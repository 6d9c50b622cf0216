/** Secrets are listed, compared with what is in force, replaced on the running stack, and mended after a hand changed their files. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { expectGreen, pidsOf, withSuperuser } from "../support/doctor.ts";
import { sharedStack } from "../support/shared-stack.ts";
import type { Stack } from "../support/stack.ts";

const rotated = z.looseObject({
  fingerprint: z.string(),
  previousFingerprint: z.string(),
  restarted: z.array(z.string()),
  downtimeSeconds: z.record(z.string(), z.number()),
});
const listed = z.looseObject({ secrets: z.array(z.looseObject({ name: z.string(), fingerprint: z.string() })) });
const checked = z.looseObject({ secrets: z.array(z.looseObject({ name: z.string(), verdict: z.string() })) });

let stack: Stack;
beforeAll(async () => {
  ({ stack } = await sharedStack());
});

const file = (name: string) => join(stack.stateDir, "secrets", name);
const pids = async () => {
  const found = await pidsOf(stack, SERVICES);
  return Object.fromEntries(SERVICES.map((id, at) => [id, found[at]]));
};
const SERVICES = ["postgres", "directus", "rag", "portal"] as const;
const statusAs = async (token: string) => {
  const response = await fetch(`${stack.urls.directus}/users/me`, { headers: { authorization: `Bearer ${token}` } });
  await response.body?.cancel();
  return response.status;
};

async function opensDatabase(user: string, password: string): Promise<boolean> {
  const client = new pg.Client({ host: "127.0.0.1", port: stack.ports.postgres, database: "muster", user, password });
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const check = async (...more: readonly string[]) => {
  const ran = await stack.run(["secrets", "check", "--json", ...more]);
  const notLive = checked.parse(ran.json).secrets.filter(({ verdict }) => verdict !== "live");
  return { exit: ran.exit, notLive: notLive.map(({ name, verdict }) => `${name} ${verdict}`) };
};

it("replaces an agent's token: the old one is refused at once and nothing restarts", async () => {
  const old = stack.secret("agent-a01");
  const before = await pids();
  const { secrets } = listed.parse((await stack.run(["secrets", "list", "--json"])).json);
  const ran = await stack.run(["secrets", "rotate", "agent-a01", "--json"]);
  expect(ran, JSON.stringify(ran.json)).toMatchObject({ exit: 0 });
  const answer = rotated.parse(ran.json);
  expect(answer.restarted).toEqual([]);
  expect(secrets.find(({ name }) => name === "agent-a01")?.fingerprint).toBe(answer.previousFingerprint);
  expect(answer.fingerprint).not.toBe(answer.previousFingerprint);
  expect([await statusAs(old), await statusAs(stack.secret("agent-a01"))]).toEqual([401, 200]);
  expect(await pids()).toEqual(before);
});

it("replaces Directus's database password by one restart of Directus, measured, and of nothing else", async () => {
  const old = stack.secret("muster_directus_password");
  const before = await pids();
  const ran = await stack.run(["secrets", "rotate", "muster_directus_password", "--json"]);
  expect(ran, JSON.stringify(ran.json)).toMatchObject({ exit: 0 });
  const { downtimeSeconds, restarted } = rotated.parse(ran.json);
  expect(restarted).toEqual(["directus"]);
  expect(downtimeSeconds["directus"]).toBeGreaterThan(0);
  const after = await pids();
  expect(Object.keys(after).filter((id) => after[id] !== before[id])).toEqual(["directus"]);
  expect(await opensDatabase("muster_directus", old)).toBe(false);
  expect(await opensDatabase("muster_directus", stack.secret("muster_directus_password"))).toBe(true);
});

/** Who starts again for each: who reads it, and nobody else. */
const READERS = {
  directus_secret: ["directus"],
  rag_key: ["rag", "portal"],
  postgres_superuser_password: [],
} as const;

it.each(Object.entries(READERS))(
  "replaces %s on the running stack; who reads it starts again, and nobody else: %j",
  async (name, readers) => {
    const old = stack.secret(name);
    const before = await pids();
    const ran = await stack.run(["secrets", "rotate", name, "--json"]);
    expect(ran, JSON.stringify(ran.json)).toMatchObject({ exit: 0 });
    const { restarted, downtimeSeconds, fingerprint, previousFingerprint } = rotated.parse(ran.json);
    expect(restarted.toSorted()).toEqual(readers.toSorted());
    expect(Object.keys(downtimeSeconds).toSorted()).toEqual(readers.toSorted());
    expect(fingerprint).not.toBe(previousFingerprint);
    expect(stack.secret(name)).not.toBe(old);
    const after = await pids();
    expect(SERVICES.filter((id) => after[id] !== before[id]).toSorted()).toEqual(readers.toSorted());
    expect(await check()).toEqual({ exit: 0, notLive: [] });
    if (name === "postgres_superuser_password")
      expect([await opensDatabase("postgres", old), await opensDatabase("postgres", stack.secret(name))]).toEqual([
        false,
        true,
      ]);
    await expectGreen(stack);
  },
);

it("sees each file that was changed by hand, and makes what it holds the value in force", async () => {
  expect(await check()).toEqual({ exit: 0, notLive: [] });
  const harmed = [
    "postgres_superuser_password",
    "muster_portal_password",
    "directus_admin_token",
    "directus_admin_password",
    "directus_secret",
    "rag_key",
    "instance_key",
    "agent-a02",
  ];
  for (const name of harmed) writeFileSync(file(name), randomBytes(32).toString("hex"), { mode: 0o600 });

  // Without the superuser nobody can be asked who the users of Directus are.
  const seen = await check();
  expect(seen.exit).toBe(3);
  expect(seen.notLive).toEqual(
    expect.arrayContaining([
      "postgres_superuser_password changed",
      "muster_portal_password changed",
      "rag_key changed",
      "instance_key changed",
    ]),
  );
  expect(await check("--fix")).toEqual({ exit: 0, notLive: [] });
  await expectGreen(stack);
});

it("ends a rotation that was killed: a value in force is kept, one that is not is forgotten", async () => {
  const made = { "agent-a03": randomBytes(32).toString("hex"), "agent-a04": randomBytes(32).toString("hex") };
  const kept = stack.secret("agent-a04");
  for (const [name, value] of Object.entries(made)) writeFileSync(`${file(name)}.next`, value, { mode: 0o600 });
  await withSuperuser(stack, (client) =>
    client.query(
      `update public.directus_users set token = $1 where id = (select "user" from public.os_agents where name = 'a03')`,
      [made["agent-a03"]],
    ),
  );
  expect(await check("--fix")).toEqual({ exit: 0, notLive: [] });
  expect(readFileSync(file("agent-a03"), "utf8")).toBe(made["agent-a03"]);
  expect(stack.secret("agent-a04")).toBe(kept);
  expect(existsSync(`${file("agent-a03")}.next`) || existsSync(`${file("agent-a04")}.next`)).toBe(false);
});

it("names what it does not know", async () => {
  expect(await stack.run(["secrets", "rotate", "password", "--json"])).toMatchObject({
    exit: 2,
    json: { error: { code: "SECRET_UNKNOWN" } },
  });
});
