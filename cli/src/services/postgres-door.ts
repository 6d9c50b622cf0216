import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import type { DoorSettings } from "../database/door.ts";
import { type DatabaseTarget, parseDatabaseUrl } from "../database/parse-url.ts";
import type { Upstream } from "../database/way.ts";
import type { ServiceContext, ServiceDef, ServiceFile } from "./service-def.ts";

const SETTINGS = "door.json";
const ENTRY = "door-main.ts";
/** The door's own sources: they import nothing but each other and Node, so a user who cannot read the checkout runs these copies. */
const SOURCES = [ENTRY, "door.ts", "way.ts", "startup-packet.ts", "cause.ts"] as const;

/** Stands where the instance's own Postgres would, when one that runs elsewhere is named. Nothing of it is ever stopped here. */
export const postgresDoor: ServiceDef = {
  id: "postgres",
  title: "Door to Postgres",
  needs: [],
  portKey: "postgresPort",
  // The binaries are those of the scratch server on which a backup is tried.
  stages: ["node", "postgres"],
  files: {
    "package.json": { kind: "text", render: () => '{ "type": "module" }\n' },
    ...Object.fromEntries(SOURCES.map((name) => [name, source(name)])),
    [SETTINGS]: {
      kind: "text",
      render: (context) => `${JSON.stringify(doorSettings(context.config, listenOf(context)), null, 2)}\n`,
    },
  },
  installFiles: {},
  dataFolders: [],
  argv: ({ staged, places }) => [
    staged("node"),
    "--max-semi-space-size=2",
    join(places.files, ENTRY),
    join(places.files, SETTINGS),
  ],
  cwd: ({ places }) => places.scratch,
  environment: () => ({ NODE_ENV: "production" }),
  readiness: { kind: "postgres", mark: "command-line" },
  readyWithinMs: 60_000,
  stop: [{ signal: "SIGTERM", graceMs: 5_000 }],
};

function source(name: string): ServiceFile {
  return { kind: "text", render: () => readFileSync(new URL(`../database/${name}`, import.meta.url), "utf8") };
}

function listenOf({ config, network }: ServiceContext): DoorSettings["listen"] {
  return { hosts: network.doorHosts, port: config.postgresPort };
}

/** Where the door listens and leads to. No password is in it. @throws Error where the settings name no external Postgres */
export function doorSettings({ databaseUrl, databaseListenUrl }: Config, listen: DoorSettings["listen"]): DoorSettings {
  if (databaseUrl === undefined) throw new Error("ELK_OS_DATABASE_URL is unset.");
  const session = databaseListenUrl === undefined ? null : parseDatabaseUrl(databaseListenUrl.reveal());
  return {
    listen,
    upstream: upstreamOf(parseDatabaseUrl(databaseUrl.reveal())),
    session: session === null ? null : { user: session.user, upstream: upstreamOf(session) },
  };
}

function upstreamOf({ hosts, tlsMode, rootsFile }: DatabaseTarget): Upstream {
  return { hosts, tlsMode, roots: rootsFile === null ? null : readFileSync(rootsFile, "utf8") };
}
