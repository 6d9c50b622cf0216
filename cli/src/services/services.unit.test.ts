import { describe, expect, test } from "vitest";
import { configSchema } from "../config/schema.ts";
import type { PortalProfile } from "../seed/to-portal-profile.ts";
import { directusArgv, directusBootstrapEnvironment } from "./directus.ts";
import { getService, SERVICES, servicesOf } from "./index.ts";
import { initdbArgv } from "./postgres.ts";
import { SERVICE_IDS, type ServiceContext } from "./service-def.ts";

const config = configSchema.parse({
  stateDir: "/state",
  cacheDir: "/cache",
  instance: "demo",
  postgresSharedBuffersMb: 96,
});

const PROFILE: PortalProfile = {
  name: "generic",
  brand: { name: "Muster", org: "Demo Co", tagline: "A tagline" },
  theme: { paper: {}, console: {} },
  features: { receipts: true, timeline: true, costs: true, releases: true, contacts: true },
};

function contextOf(id: string): ServiceContext {
  return {
    config,
    driver: "embedded",
    instanceId: "8b0c6c2e-2f5c-4d35-9f55-6b9d8f2f7c11",
    version: "0.1.0",
    build: "abc",
    profile: () => PROFILE,
    places: {
      files: `/state/run/${id}`,
      scratch: `/state/run/${id}/tmp`,
      data: "/state/data",
      memory: "/memory",
      log: "/log",
      docs: "/docs",
      constitution: "/CLAUDE.md",
    },
    network: {
      listen: "127.0.0.1",
      doorHosts: ["127.0.0.1"],
      hostOf: () => "127.0.0.1",
      peers: ["127.0.0.1/32"],
      sockets: null,
    },
    staged: (stage) => (stage === "node" ? "/cache/node" : `/cache/${stage}-key`),
  };
}

const PLAIN_SECRET = /password=|secret=|token=/i;

test("the portal is told its host names and whether strangers read it, and of no names where none are set", () => {
  const environment = (settings: object) =>
    getService("portal").environment({ ...contextOf("portal"), config: { ...config, ...settings } });
  expect(environment({ portalHosts: "board.example.org, b.example", portalPublic: true })).toMatchObject({
    ELK_OS_PORTAL_HOSTS: "board.example.org, b.example",
    ELK_OS_PORTAL_PUBLIC: "true",
  });
  expect(environment({})).not.toHaveProperty("ELK_OS_PORTAL_HOSTS");
});

test("the portal and Directus follow the names that TLS gives them, and cookies are then never sent in the clear", () => {
  const named = { driver: "compose", tls: "acme", domain: "board.example.org" } as const;
  const environment = (id: "portal" | "directus", settings: object) =>
    getService(id).environment({ ...contextOf(id), config: { ...config, ...settings } });
  expect(environment("portal", { ...named, portalHosts: "b.example" })).toMatchObject({
    ELK_OS_PORTAL_HOSTS: "board.example.org, b.example",
  });
  expect(environment("directus", named)).toMatchObject({
    PUBLIC_URL: "https://studio.board.example.org",
    SESSION_COOKIE_SECURE: "true",
    REFRESH_TOKEN_COOKIE_SECURE: "true",
  });
  const off = { ...named, tls: "off" };
  expect(environment("portal", off)).not.toHaveProperty("ELK_OS_PORTAL_HOSTS");
  expect(environment("directus", off)).toMatchObject({ PUBLIC_URL: "http://127.0.0.1:8055" });
  expect(environment("directus", off)).not.toHaveProperty("SESSION_COOKIE_SECURE");
});

describe("every service", () => {
  test("is registered in start order, after what it needs", () => {
    expect(SERVICES.map(({ id }) => id)).toEqual(SERVICE_IDS);
    for (const [index, { needs }] of SERVICES.entries()) {
      for (const needed of needs) expect(SERVICE_IDS.indexOf(needed)).toBeLessThan(index);
    }
  });

  test.each(SERVICES)("$id takes secrets by file only", (service) => {
    const context = contextOf(service.id);
    expect(service.argv(context).join(" ")).not.toMatch(PLAIN_SECRET);
    for (const [name, value] of Object.entries(service.environment(context))) {
      if (/PASSWORD|SECRET|TOKEN|KEY/.test(name)) expect(`${name}=${value}`).toMatch(/_FILE=\/state\/run\//);
    }
  });

  test.each(SERVICES)("$id listens on loopback only", (service) => {
    const context = contextOf(service.id);
    const environment = service.environment(context);
    const host = environment["ELK_OS_HOST"] ?? environment["HOST"];
    if (host !== undefined) expect(host).toBe("127.0.0.1");
    const values = [...Object.values(environment), ...service.argv(context)];
    expect(values.some((value) => value.includes("0.0.0.0"))).toBe(false);
  });

  test.each(SERVICES)("$id uses only the stages it lists", (service) => {
    const asked = new Set<string>();
    const context = { ...contextOf(service.id), staged: (id: string) => `/cache/${asked.add(id) && id}` };
    service.argv(context);
    service.cwd(context);
    service.environment(context);
    expect([...service.stages].sort()).toEqual([...asked].sort());
  });
});

describe("Postgres", () => {
  const postgres = getService("postgres");
  const file = postgres.files["postgresql.conf"];
  const conf = file?.kind === "text" ? file.render(contextOf("postgres")) : "";

  test("is told where its data and its configuration lie", () => {
    expect(postgres.argv(contextOf("postgres"))).toEqual([
      "/cache/postgres-key/bin/postgres",
      "-D",
      "/state/data/postgres",
      "-c",
      "config_file=/state/run/postgres/postgresql.conf",
    ]);
  });

  test("has no socket but loopback, and the memory that the settings ask for", () => {
    expect(conf).toContain("listen_addresses = '127.0.0.1'\nport = 15432\nunix_socket_directories = ''\n");
    expect(conf).toContain("shared_buffers = 96MB\n");
    expect(conf).toContain("jit = off\n");
  });

  test("asks everybody for a SCRAM password", () => {
    const hba = postgres.files["pg_hba.conf"];
    expect(hba?.kind === "text" ? hba.render(contextOf("postgres")) : "").toBe(
      "# Written by elk-os at every start.\nhost all all 127.0.0.1/32 scram-sha-256\n",
    );
  });

  test("initdb makes a checksummed cluster in the builtin locale, with a password from the start", () => {
    expect(initdbArgv("/bin", "/data", "/pw")).toEqual([
      "/bin/initdb",
      "--pgdata=/data",
      "--username=postgres",
      "--pwfile=/pw",
      "--auth=scram-sha-256",
      "--encoding=UTF8",
      "--locale-provider=builtin",
      "--builtin-locale=C.UTF-8",
      "--locale=C",
      "--data-checksums",
      "--no-instructions",
    ]);
  });
});

describe("Directus", () => {
  test("is started by the entry that asks no registry for updates", () => {
    expect(directusArgv(contextOf("directus"), "start")).toEqual([
      "/cache/node",
      "/cache/directus-runtime-key/node_modules/@directus/api/dist/cli/run.js",
      "start",
    ]);
  });

  test("learns of its administrator only while it is installed", () => {
    const context = contextOf("directus");
    expect(Object.keys(getService("directus").environment(context)).filter((name) => name.startsWith("ADMIN"))).toEqual(
      [],
    );
    expect(directusBootstrapEnvironment(context)).toMatchObject({
      ADMIN_EMAIL: "operator@example.com",
      ADMIN_TOKEN_FILE: "/state/run/directus/admin.token",
    });
  });

  test("keeps to the heap that the settings give it, and to V8's own measure when they give none", () => {
    const directus = getService("directus");
    const small = { ...contextOf("directus"), config: { ...config, directusHeapMb: 224 } };
    expect(directus.environment(small)).toMatchObject({ NODE_OPTIONS: "--max-old-space-size=224" });
    expect(directus.environment(contextOf("directus"))).not.toHaveProperty("NODE_OPTIONS");
  });

  test("reports where the settings say, and keeps its own address when they say nothing", () => {
    const directus = getService("directus");
    const sink = { ...contextOf("directus"), config: { ...config, telemetryUrl: "http://127.0.0.1:9" } };
    expect(directus.environment(sink)).toMatchObject({
      TELEMETRY_URL: "http://127.0.0.1:9",
      COMPLIANCE_URL: "http://127.0.0.1:9",
    });
    expect(directus.environment(contextOf("directus"))).not.toHaveProperty("TELEMETRY_URL");
  });
});

describe("with a Postgres that runs elsewhere", () => {
  const url = "postgres://boss:geheim@a.example,b.example:6000/muster?sslmode=require";
  const settings = { stateDir: "/state", cacheDir: "/cache", instance: "demo", databaseUrl: url };
  const pooled = configSchema.parse({ ...settings, databaseListenUrl: "postgres://boss:geheim@c.example/muster" });
  const services = servicesOf(pooled);
  const contextFor = (id: string) => ({ ...contextOf(id), config: pooled });

  test("a door stands in Postgres's place, and the other services are the same ones", () => {
    expect(services.map(({ id, portKey }) => ({ id, portKey }))).toEqual(
      SERVICES.map(({ id, portKey }) => ({ id, portKey })),
    );
    expect(services.slice(1)).toEqual(SERVICES.slice(1));
    expect(services[0]).not.toBe(SERVICES[0]);
    expect(servicesOf(config)).toBe(SERVICES);
  });

  test("the door is told where to go, and nobody is told the administrator's password", () => {
    for (const service of services) {
      const context = contextFor(service.id);
      const files = Object.values(service.files).map((file) => (file.kind === "text" ? file.render(context) : ""));
      expect(JSON.stringify([service.argv(context), service.environment(context), files])).not.toContain("geheim");
    }
    const file = services[0]?.files["door.json"];
    expect(file?.kind === "text" ? JSON.parse(file.render(contextFor("postgres"))) : null).toEqual({
      listen: { hosts: ["127.0.0.1"], port: 15432 },
      upstream: {
        hosts: [
          { host: "a.example", port: 5432 },
          { host: "b.example", port: 6000 },
        ],
        tlsMode: "require",
        roots: null,
      },
      session: {
        user: "boss",
        upstream: { hosts: [{ host: "c.example", port: 5432 }], tlsMode: "prefer", roots: null },
      },
    });
  });

  test("search and portal are told of a pooler where there is one", () => {
    const direct = configSchema.parse(settings);
    for (const id of ["rag", "portal"] as const) {
      const environment = (of: typeof pooled) => getService(id).environment({ ...contextOf(id), config: of });
      expect(environment(pooled)).toMatchObject({ ELK_OS_DATABASE_POOLED: "true" });
      expect(environment(direct)).not.toHaveProperty("ELK_OS_DATABASE_POOLED");
    }
  });

  test("the door's sources need nothing but Node and each other", () => {
    for (const [name, file] of Object.entries(services[0]?.files ?? {})) {
      if (!name.endsWith(".ts") || file.kind !== "text") continue;
      const imports = [...file.render(contextFor("postgres")).matchAll(/from "([^"]+)"/g)].map(
        ([, from]) => from ?? "",
      );
      expect(
        imports.filter((from) => !from.startsWith("node:") && !(from.slice(2) in (services[0]?.files ?? {}))),
      ).toEqual([]);
    }
  });
});

test("the portal's profile is a file of JSON", () => {
  const file = getService("portal").files["profile.json"];
  const text = file?.kind === "text" ? file.render(contextOf("portal")) : "";
  expect(JSON.parse(text)).toEqual(PROFILE);
});
