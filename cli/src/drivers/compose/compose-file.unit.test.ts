/** The policy of compose.yaml: what hardens a container stays in the file, and the file says what the service definitions say. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { configSchema } from "../../config/schema.ts";
import { getService, SERVICES } from "../../services/index.ts";
import type { DriverFoundation } from "../index.ts";
import { CADDY_FILES } from "./caddy-files.ts";
import { CONTAINER_USERS, containerContext } from "./container-layout.ts";
import { CONTAINERS, mountedFiles, toEnvFile } from "./project.ts";
import { publishedPorts } from "./published-ports.ts";
import { chooseNetwork, parseRoutes } from "./subnet.ts";

const CHECKOUT = resolve(import.meta.dirname, "..", "..", "..", "..");

const mount = z.object({ source: z.string(), target: z.string() });
const service = z.looseObject({
  image: z.string(),
  user: z.string(),
  group_add: z.array(z.string()).default([]),
  command: z.array(z.string()).optional(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  cap_add: z.array(z.string()).default([]),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  pids_limit: z.number().max(500),
  mem_limit: z.string().regex(/^\$\{ELK_OS_LIMIT_[A-Z]+_MB:\?\}m$/),
  memswap_limit: z.string(),
  cgroup_parent: z.string().regex(/^\$\{ELK_OS_CGROUP_PARENT\?\}$/),
  restart: z.literal("unless-stopped"),
  stop_grace_period: z.string(),
  logging: z.object({
    driver: z.literal("local"),
    options: z.object({ "max-size": z.string(), "max-file": z.string() }),
  }),
  healthcheck: z.looseObject({ test: z.array(z.string()).min(3), start_interval: z.string(), interval: z.string() }),
  networks: z.record(z.string(), z.unknown()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  secrets: z.array(mount).default([]),
  configs: z.array(mount).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  labels: z.record(z.string(), z.string()),
});
const composeFile = z.object({
  services: z.record(z.string(), service),
  networks: z.object({ edge: z.object({}), back: z.looseObject({ internal: z.literal(true) }) }),
  volumes: z.record(z.string(), z.null()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
  configs: z.record(z.string(), z.object({ file: z.string() })),
});

const text = readFileSync(join(CHECKOUT, "compose.yaml"), "utf8");
const file = composeFile.parse(parse(text, { merge: true }));
const services = Object.entries(file.services);

const config = configSchema.parse({ stateDir: "/state", cacheDir: "/cache", instance: "demo" });
const inner = chooseNetwork("8b0c6c2e-2f5c-4d35-9f55-6b9d8f2f7c11", []);
const foundation = {
  config,
  version: "0.1.0",
  build: "abc",
  checkout: CHECKOUT,
  paths: { instance: "/nowhere/instance.json", run: "/state/run" },
} as unknown as DriverFoundation;

describe("every container of compose.yaml", () => {
  // What each must have is the schema above; parsing the file is the proof.
  test("is hardened, limited and checked, and there is one for each service and the proxy", () => {
    expect(Object.keys(file.services).sort()).toEqual([...CONTAINERS].sort());
  });

  test.each(services)("%s runs as its own user, checks itself on loopback, and may not swap", (name, wanted) => {
    const { uid } = CONTAINER_USERS[name as keyof typeof CONTAINER_USERS];
    expect(wanted.user.split(":")[0]).toBe(String(uid));
    expect(uid).toBeGreaterThan(0);
    expect(wanted.memswap_limit).toBe(wanted.mem_limit);
    expect(wanted.healthcheck.test[0]).toBe("CMD");
    expect(wanted.healthcheck.test.join(" ")).toContain("127.0.0.1");
    expect(wanted.healthcheck.test.join(" ")).not.toContain("localhost");
  });

  test.each(services)(
    "%s has no name of its own, no engine socket, no host's network, and no more capabilities",
    (name, wanted) => {
      for (const key of ["container_name", "privileged", "network_mode", "pid", "ipc", "devices", "build"])
        expect(wanted, key).not.toHaveProperty(key);
      expect(wanted.volumes.join(" ")).not.toContain("docker.sock");
      expect(wanted.cap_add).toEqual(name === "caddy" ? ["NET_BIND_SERVICE"] : []);
    },
  );

  test("only the proxy publishes, on loopback, and only it has a way out", () => {
    for (const [name, { ports, networks }] of services) {
      expect(Object.keys(networks), name).toEqual(name === "caddy" ? ["edge", "back"] : ["back"]);
      expect(
        ports.every((port) => name === "caddy" && port.startsWith("127.0.0.1:")),
        name,
      ).toBe(true);
    }
  });

  test("what TLS adds is a port of the proxy and nothing else, and each is one of the settings'", () => {
    const added = z.strictObject({
      services: z.strictObject({
        caddy: z.strictObject({
          ports: z.tuple([z.string()]),
          sysctls: z.strictObject({ "net.ipv4.ip_unprivileged_port_start": z.literal("0") }).optional(),
        }),
      }),
    });
    const { composeFiles, variables } = publishedPorts({ ...config, tls: "acme", domain: "board.example.org" });
    const ports = composeFiles.flatMap(
      (name) => added.parse(parse(readFileSync(join(CHECKOUT, name), "utf8"))).services.caddy.ports,
    );
    expect(ports).toEqual(Object.keys(variables).map((name) => `\${${name}:?}`));
  });

  test.each(services)(
    "%s gets its secrets as files of a group that is its own",
    (name, { secrets, configs, environment, group_add }) => {
      for (const { source, target } of [...secrets, ...configs]) {
        expect(target).toMatch(/^\/run\/muster\//);
        expect(file.secrets[source]?.file ?? file.configs[source]?.file).toBeDefined();
      }
      if (secrets.length > 0)
        expect(group_add).toEqual([String(CONTAINER_USERS[name as keyof typeof CONTAINER_USERS].gid)]);
      for (const [key, value] of Object.entries(environment))
        if (/PASSWORD|SECRET|TOKEN|KEY/.test(key)) expect(`${key}=${value}`).toMatch(/_FILE=\/run\/muster\//);
    },
  );

  test("no variable that must be set has a silent default", () => {
    const optional = [...text.matchAll(/\$\{(ELK_OS_[A-Z_]+)(:-[^}]*)?\}/g)].map(([, name]) => name);
    expect(optional).toEqual([]);
  });
});

describe("compose.yaml and the service definitions", () => {
  test.each(SERVICES.map(({ id }) => [id] as const))(
    "%s gets exactly the files of its definition, where it looks for them",
    (id) => {
      const definition = getService(id);
      const { secrets, configs } = file.services[id] ?? { secrets: [], configs: [] };
      const mounted = new Map([...secrets, ...configs].map(({ source, target }) => [target, source]));
      const files = Object.entries(mountedFiles(definition));
      expect([...mounted.keys()].sort()).toEqual(files.map(([name]) => `/run/muster/${name}`).sort());
      for (const [name, { kind }] of files) {
        const source = mounted.get(`/run/muster/${name}`) ?? "";
        expect((kind === "text" ? file.configs : file.secrets)[source]?.file, name).toBe(
          `\${ELK_OS_RUN_DIR:?}/${id}/${name}`,
        );
      }
    },
  );

  test("the proxy gets each of its files, and keeps its certificates in the state folder", () => {
    const { configs = [], volumes = [] } = file.services["caddy"] ?? {};
    expect(configs.map(({ target }) => target).sort()).toEqual(CADDY_FILES.map((name) => `/run/muster/${name}`).sort());
    for (const { source, target } of configs)
      expect(file.configs[source]?.file).toBe(`\${ELK_OS_RUN_DIR:?}/caddy/${target.split("/").at(-1)}`);
    expect(volumes).toEqual([`\${ELK_OS_CADDY_DIR:?}:/data`]);
  });

  test("Directus is started by the argv of its definition, and the images of search and portal too", () => {
    const argv = (id: "directus" | "rag" | "portal") =>
      getService(id).argv(containerContext(foundation, getService(id), inner));
    expect(file.services["directus"]?.command).toEqual(argv("directus"));
    for (const id of ["rag", "portal"] as const) {
      const dockerfile = readFileSync(join(CHECKOUT, "deploy", "images", `${id}.Dockerfile`), "utf8");
      expect(JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? "null"), id).toEqual(argv(id));
      // What Node compiled for other flags, or in another folder, would not be used, and nobody would be told.
      if (!dockerfile.includes("NODE_COMPILE_CACHE")) continue;
      const folder = getService(id).environment(containerContext(foundation, getService(id), inner))[
        "NODE_COMPILE_CACHE"
      ];
      expect(dockerfile).toContain(`NODE_COMPILE_CACHE=${folder}\n`);
      expect(dockerfile).toContain(`RUN ${argv(id).join(" ")} 2> /dev/null || [ $? -eq 2 ]\n`);
    }
  });

  test("Postgres listens for the inner network only, and asks everybody for a password", () => {
    const context = containerContext(foundation, getService("postgres"), inner);
    const { [`pg_hba.conf`]: hba, "postgresql.conf": conf } = getService("postgres").files;
    expect(hba?.kind === "text" ? hba.render(context).split("\n").slice(1, -1) : []).toEqual([
      "host all all 127.0.0.1/32 scram-sha-256",
      `host all all ${inner.subnet} scram-sha-256`,
      "local all all scram-sha-256",
    ]);
    const data = /data_directory = '(.+)'/.exec(conf?.kind === "text" ? conf.render(context) : "")?.[1];
    expect(data).toBe(file.services["postgres"]?.environment["PGDATA"]);
  });
});

describe("the inner network", () => {
  test("keeps clear of what this machine routes elsewhere, and every address is in it", () => {
    const [, third = "", last = ""] = /^10\.(\d+\.\d+)\.(\d+)\/28$/.exec(inner.subnet) ?? [];
    for (const address of Object.values(inner.addresses)) {
      expect(address.startsWith(`10.${third}.`)).toBe(true);
      expect(Number(address.split(".")[3]) - Number(last)).toBeGreaterThan(1);
    }
    const first = Buffer.from(inner.subnet.split("/")[0]?.split(".").map(Number) ?? []).readUInt32BE(0);
    const moved = chooseNetwork("8b0c6c2e-2f5c-4d35-9f55-6b9d8f2f7c11", [{ first, last: first }]);
    expect(moved.subnet).not.toBe(inner.subnet);
  });

  test("reads the kernel's routes, the default one left out", () => {
    const table =
      "Iface\tDestination\tGateway\neth0\t00000000\t0101A8C0\t3\t0\t0\t0\t00000000\nbr0\t00D50A0A\t0\t1\t0\t0\t0\tF0FFFFFF\n";
    expect(parseRoutes(table)).toEqual([{ first: 0x0a_0a_d5_00, last: 0x0a_0a_d5_0f }]);
  });
});

test("an environment file says each value as it is, and refuses what it cannot say", () => {
  expect(toEnvFile({ A: "$HOME # x", B: "" })).toBe("A='$HOME # x'\nB=''\n");
  expect(() => toEnvFile({ A: "it's" })).toThrow("A holds a quote");
});
