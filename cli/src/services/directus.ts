import { join } from "node:path";
import { identityEnvironment, identityFile } from "./identity-environment.ts";
import { openUrls } from "./open-urls.ts";
import type { ServiceContext, ServiceDef } from "./service-def.ts";

/** Started by the API's own entry: the `directus` binary asks a registry for updates first. */
const ENTRY = join("node_modules", "@directus", "api", "dist", "cli", "run.js");
export const DIRECTUS_UPLOADS = "directus-uploads";

const FILES = {
  "database.password": { kind: "secret", name: "muster_directus_password" },
  "directus.secret": { kind: "secret", name: "directus_secret" },
  ...identityFile("directus"),
} as const satisfies ServiceDef["files"];

const INSTALL_FILES = {
  "admin.password": { kind: "secret", name: "directus_admin_password" },
  "admin.token": { kind: "secret", name: "directus_admin_token" },
} as const satisfies ServiceDef["installFiles"];

export const directus: ServiceDef = {
  id: "directus",
  title: "Directus 12",
  needs: ["postgres"],
  portKey: "directusPort",
  stages: ["node", "directus-runtime", "extension"],
  files: FILES,
  installFiles: INSTALL_FILES,
  dataFolders: [DIRECTUS_UPLOADS],
  argv: (context) => directusArgv(context, "start"),
  cwd: ({ staged }) => staged("directus-runtime"),
  environment: directusEnvironment,
  readiness: { kind: "identity", service: "directus" },
  readyWithinMs: 120_000,
  stop: [{ signal: "SIGTERM", graceMs: 10_000 }],
};

/** `bootstrap` installs or updates Directus's own tables; `start` serves. */
export function directusArgv(
  { staged }: ServiceContext,
  command: "bootstrap" | "start",
): readonly [string, ...string[]] {
  return [staged("node"), join(staged("directus-runtime"), ENTRY), command];
}

/** The environment of the first `bootstrap`: the administrator that Directus makes with its tables. */
export function directusBootstrapEnvironment(context: ServiceContext): Readonly<Record<string, string>> {
  const file = (name: keyof typeof INSTALL_FILES) => join(context.places.files, name);
  return {
    ...directusEnvironment(context),
    ADMIN_EMAIL: context.config.adminEmail,
    ADMIN_PASSWORD_FILE: file("admin.password"),
    ADMIN_TOKEN_FILE: file("admin.token"),
    PROJECT_NAME: "Muster",
  };
}

function directusEnvironment(context: ServiceContext): Readonly<Record<string, string>> {
  const { config, network, places, staged } = context;
  const file = (name: keyof typeof FILES) => join(places.files, name);
  const url = openUrls(config).directus;
  return {
    NODE_ENV: "production",
    HOST: network.listen,
    PORT: String(config.directusPort),
    PUBLIC_URL: url,
    // Never sent in the clear by a browser that was given them under the name.
    ...(url.startsWith("https:") ? { SESSION_COOKIE_SECURE: "true", REFRESH_TOKEN_COOKIE_SECURE: "true" } : {}),
    DB_CLIENT: "pg",
    DB_HOST: network.hostOf("postgres"),
    DB_PORT: String(config.postgresPort),
    DB_DATABASE: "muster",
    DB_USER: "muster_directus",
    DB_PASSWORD_FILE: file("database.password"),
    SECRET_FILE: file("directus.secret"),
    // Left out, Directus reads a .env of its working directory.
    CONFIG_PATH: "/dev/null",
    PACKAGE_FILE_LOCATION: staged("directus-runtime"),
    TEMP_PATH: places.scratch,
    STORAGE_LOCATIONS: "local",
    STORAGE_LOCAL_ROOT: join(places.data, DIRECTUS_UPLOADS),
    EXTENSIONS_PATH: staged("extension"),
    EXTENSIONS_MUST_LOAD: "true",
    MCP_ENABLED: "true",
    MCP_OAUTH_ENABLED: "false",
    AI_ENABLED: "false",
    CACHE_ENABLED: "false",
    // Left out, Directus copies its whole schema deeply for each request: two fifths of the time of a small one (measured, bench/results).
    CACHE_SCHEMA_FREEZE_ENABLED: "true",
    WEBSOCKETS_ENABLED: "false",
    // A keyless MCP update touches every row; past this number it is refused whole.
    MAX_BATCH_MUTATION: "20",
    PRESSURE_LIMITER_ENABLED: "true",
    PRESSURE_LIMITER_MAX_EVENT_LOOP_DELAY: "2000",
    RETENTION_ENABLED: "true",
    ACTIVITY_RETENTION: "30d",
    REVISIONS_RETENTION: "14d",
    FLOW_LOGS_RETENTION: "7d",
    HEALTHCHECK_SERVICES: "database,storage",
    TELEMETRY: "false",
    PROJECT_OWNER_ENABLED: "false",
    EMAIL_VERIFY_SETUP: "false",
    IP_TRUST_PROXY: "false",
    LOG_STYLE: "raw",
    LOG_LEVEL: "warn",
    ...(config.directusHeapMb === undefined ? {} : { NODE_OPTIONS: `--max-old-space-size=${config.directusHeapMb}` }),
    ...(config.telemetryUrl === undefined
      ? {}
      : { TELEMETRY_URL: config.telemetryUrl, COMPLIANCE_URL: config.telemetryUrl }),
    ...identityEnvironment("directus", context),
  };
}
