/** The numbers and commands of compose.yaml's hardening, each as it is meant: whoever loosens one changes it here, too. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configSchema } from "../../config/schema.ts";
import { SSL_REQUEST } from "../../database/startup-packet.ts";
import { getService, SERVICES, servicesOf } from "../../services/index.ts";
import { Secret } from "../../state/secret.ts";
import { caddyEnvironment } from "./caddy-files.ts";
import { CONTAINER_NAMES, type ContainerName, planOf } from "./container-names.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");

const container = z.looseObject({
  init: z.boolean(),
  oom_score_adj: z.number(),
  stop_grace_period: z.string(),
  pids_limit: z.number(),
  mem_limit: z.string(),
  memswap_limit: z.string(),
  tmpfs: z.array(z.string()).min(1),
  logging: z.unknown(),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
});
const file = z
  .looseObject({
    "x-identity": z.array(z.string()),
    "x-entry": z.array(z.string()),
    services: z.record(z.enum(CONTAINER_NAMES), container),
  })
  .parse(parse(readFileSync(join(CHECKOUT, "compose.yaml"), "utf8"), { merge: true }));

const config = configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo" });

/** The definitions where Postgres runs elsewhere. */
const EXTERNAL = servicesOf({ databaseUrl: new Secret("") });

interface Wanted {
  /** docker-init as the first process: it reaps what the service leaves, and passes signals on. */
  readonly init: boolean;
  /** The larger, the sooner the kernel ends it when the machine's memory is short. */
  readonly oomScoreAdj: number;
  /** Seconds from the stop signal to SIGKILL. */
  readonly stopGraceSeconds: number;
  /** Sizes in MiB of what it may write outside its volumes, by path. All of it counts as its memory. */
  readonly tmpfs: Readonly<Record<string, number>>;
}

const WANTED: Readonly<Record<ContainerName, Wanted>> = {
  // The postmaster itself must get the stop signal.
  postgres: { init: false, oomScoreAdj: 0, stopGraceSeconds: 60, tmpfs: { "/var/run/postgresql": 1, "/tmp": 64 } },
  directus: { init: true, oomScoreAdj: 300, stopGraceSeconds: 20, tmpfs: { "/tmp": 128 } },
  rag: { init: true, oomScoreAdj: 300, stopGraceSeconds: 20, tmpfs: { "/tmp": 64 } },
  portal: { init: true, oomScoreAdj: 300, stopGraceSeconds: 20, tmpfs: { "/tmp": 64, "/app/portal/.next/cache": 64 } },
  caddy: { init: true, oomScoreAdj: 300, stopGraceSeconds: 20, tmpfs: { "/config": 16, "/tmp": 16 } },
  // Node itself must hold the port, as the postmaster does in its place.
  door: { init: false, oomScoreAdj: 300, stopGraceSeconds: 20, tmpfs: { "/tmp": 16 } },
};

const seconds = (text: unknown) => Number(/^(\d+)s$/.exec(String(text))?.[1]);

describe.each(CONTAINER_NAMES)("%s", (name) => {
  const found = file.services[name];
  const wanted = WANTED[name];

  test("has a first process, a place in the order of memory's victims and a time to stop as they are meant", () => {
    expect(found.init).toBe(wanted.init);
    expect(found.oom_score_adj).toBe(wanted.oomScoreAdj);
    expect(seconds(found.stop_grace_period)).toBe(wanted.stopGraceSeconds);
    // Which signal it gets is the image's to say: upstream's Postgres asks for SIGINT, a fast shutdown.
    expect(found).not.toHaveProperty("stop_signal");
  });

  test("may hold 200 processes, as much memory as its own setting says, no swap beside it, and 30 MB of log", () => {
    const limit = `\${ELK_OS_LIMIT_${name.toUpperCase()}_MB:?}m`;
    expect(found.pids_limit).toBe(200);
    expect([found.mem_limit, found.memswap_limit]).toEqual([limit, limit]);
    expect(found.logging).toEqual({ driver: "local", options: { "max-size": "10m", "max-file": "3" } });
  });

  test("writes outside its volumes only where a size and a mode are said", () => {
    const sizes = found.tmpfs.map((line) => {
      const [, path, mode, mib] = /^(\/[^:]+):mode=(0700|1777)(?:,uid=\d+,gid=\d+)?,size=(\d+)m$/.exec(line) ?? [];
      expect(mode, line).toBe(path === "/tmp" ? "1777" : "0700");
      return [path, Number(mib)];
    });
    expect(Object.fromEntries(sizes)).toEqual(wanted.tmpfs);
  });

  test("is asked for its health every second while it starts, and fails for it only after its start had its time", () => {
    const { test: _command, ...times } = found.healthcheck;
    expect(times).toEqual({
      interval: "30s",
      start_interval: "1s",
      start_period: "120s",
      timeout: "5s",
      retries: 3,
    });
  });
});

describe("what is asked", () => {
  test.each(["directus", "rag", "portal"] as const)("of %s is its identity, and nothing less", (name) => {
    expect(file.services[name].healthcheck.test).toEqual(file["x-identity"]);
  });

  test("is a program's argv, without a shell, and the identity is asked for on 127.0.0.1 with a nonce of its own", () => {
    const [kind, program, option, script, ...rest] = file["x-identity"];
    expect([kind, program, option, rest]).toEqual(["CMD", "node", "-e", []]);
    // Compose turns `$$` into `$`.
    expect(script).toContain(
      "fetch(`http://127.0.0.1:$${port}/.well-known/muster/identity?nonce=$${nonce}`, { redirect: 'error' })",
    );
    expect(script).toContain("a.nonce === nonce");
  });

  test("of the door is a word of Postgres's protocol, which it answers wherever it leads", () => {
    expect(file.services.door.healthcheck.test).toEqual(file["x-entry"]);
    const [kind, program, option, script, ...rest] = file["x-entry"];
    expect([kind, program, option, rest]).toEqual(["CMD", "node", "-e", []]);
    const request = /Buffer\.from\('([0-9a-f]+)', 'hex'\)/.exec(script ?? "")?.[1] ?? "";
    expect(Buffer.from(request, "hex")).toEqual(SSL_REQUEST);
    expect(script).toContain("'127.0.0.1'");
  });

  test("of Postgres goes over TCP, of the proxy to the site that its Caddyfile keeps for that", () => {
    expect(file.services.postgres.healthcheck.test).toEqual(
      `CMD pg_isready -q -h 127.0.0.1 -p \${ELK_OS_POSTGRES_PORT:?} -U postgres -d postgres`.split(" "),
    );
    const [url, ...program] = file.services.caddy.healthcheck.test.toReversed();
    expect(program.toReversed()).toEqual(["CMD", "wget", "-q", "-O", "/dev/null"]);
    const { ELK_OS_HEALTH_PORT: port } = caddyEnvironment({ config });
    expect(url).toBe(`http://127.0.0.1:${port}/`);
    expect(readFileSync(join(CHECKOUT, "Caddyfile"), "utf8")).toContain(
      ":{$ELK_OS_HEALTH_PORT} {\n\tbind 127.0.0.1\n\trespond 200\n}",
    );
  });
});

const DEFINITIONS = CONTAINER_NAMES.flatMap((container) => {
  const { service, profile } = planOf(container);
  return service === null ? [] : [{ container, ...getService(service, profile === "door" ? EXTERNAL : SERVICES) }];
});

describe.each(DEFINITIONS)("what compose.yaml gives $container", ({ container, stop, readyWithinMs }) => {
  const { stop_grace_period, healthcheck } = file.services[container];

  test("is at least the time that its definition gives it to stop, and to start", () => {
    const stopMs = stop.reduce((sum, { graceMs }) => sum + graceMs, 0);
    expect(seconds(stop_grace_period) * 1000).toBeGreaterThanOrEqual(stopMs);
    expect(seconds(healthcheck["start_period"]) * 1000).toBeGreaterThanOrEqual(readyWithinMs);
  });
});

test("of all containers, Postgres goes last when memory is short", () => {
  const others = CONTAINER_NAMES.filter((name) => name !== "postgres");
  for (const name of others)
    expect(file.services[name].oom_score_adj).toBeGreaterThan(file.services.postgres.oom_score_adj);
});
