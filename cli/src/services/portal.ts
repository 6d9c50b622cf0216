import { join } from "node:path";
import type { Config } from "../config/schema.ts";
import { listOf, namesOf } from "../config/tls-rules.ts";
import { DOCTOR_REPORT } from "../state/paths.ts";
import { identityEnvironment, identityFile } from "./identity-environment.ts";
import { pooledEnvironment, type ServiceDef } from "./service-def.ts";

const PROFILE_FILE = "profile.json";
const RAG_KEY_FILE = "rag.key";
const RAG_IDENTITY_FILE = "rag.identity.key";

/** MiB. Measured over 2,350 requests: 133 to 154 MB resident; without them V8 lets it grow to 370 before it collects. */
const HEAP = ["--max-old-space-size=160", "--max-semi-space-size=4"];

export const portal: ServiceDef = {
  id: "portal",
  title: "Portal",
  needs: ["postgres"],
  portKey: "portalPort",
  stages: ["node", "portal"],
  files: {
    "database.password": { kind: "secret", name: "muster_portal_password" },
    [PROFILE_FILE]: {
      kind: "text",
      render: ({ profile }) => `${JSON.stringify(profile(), null, 2)}
`,
    },
    // The portal asks search in the reader's name, and asks first who answers there.
    [RAG_KEY_FILE]: { kind: "secret", name: "rag_key" },
    [RAG_IDENTITY_FILE]: { kind: "identity-key", service: "rag" },
    ...identityFile("portal"),
  },
  installFiles: {},
  dataFolders: [],
  argv: ({ staged }) => [staged("node"), ...HEAP, join(staged("portal"), "portal", "server.js")],
  cwd: ({ staged }) => join(staged("portal"), "portal"),
  environment: (context) => ({
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    // Next's standalone server reads these two names.
    HOSTNAME: context.network.listen,
    PORT: String(context.config.portalPort),
    ELK_OS_HOST: context.network.listen,
    ELK_OS_PORT: String(context.config.portalPort),
    ELK_OS_DRIVER: context.driver,
    ELK_OS_DATABASE_HOST: context.network.hostOf("postgres"),
    ELK_OS_DATABASE_PORT: String(context.config.postgresPort),
    ELK_OS_DATABASE_NAME: "muster",
    ELK_OS_DATABASE_USER: "muster_portal",
    ELK_OS_DATABASE_PASSWORD_FILE: join(context.places.files, "database.password"),
    ...pooledEnvironment(context),
    ELK_OS_PROFILE_FILE: join(context.places.files, PROFILE_FILE),
    ELK_OS_PORTAL_PUBLIC: String(context.config.portalPublic),
    ...hostsOf(context.config),
    ...(context.config.portalFrameAncestors === undefined
      ? {}
      : { ELK_OS_PORTAL_FRAME_ANCESTORS: context.config.portalFrameAncestors }),
    ELK_OS_DOCTOR_REPORT_FILE: join(context.places.data, DOCTOR_REPORT),
    ELK_OS_RAG_KEY_FILE: join(context.places.files, RAG_KEY_FILE),
    ELK_OS_RAG_IDENTITY_KEY_FILE: join(context.places.files, RAG_IDENTITY_FILE),
    ELK_OS_RAG_URL: `http://${context.network.hostOf("rag")}:${context.config.ragPort}`,
    ...identityEnvironment("portal", context),
  }),
  readiness: { kind: "identity", service: "portal" },
  readyWithinMs: 60_000,
  stop: [{ signal: "SIGTERM", graceMs: 5_000 }],
};

/** The names that the site answers to besides loopback's: its own where TLS is on, and what else was asked for. */
function hostsOf(config: Config): Readonly<Record<string, string>> {
  const own = namesOf(config);
  const names = [
    ...(own === null ? [] : [own.portal]),
    ...(config.portalHosts === undefined ? [] : listOf(config.portalHosts)),
  ];
  return names.length === 0 ? {} : { ELK_OS_PORTAL_HOSTS: names.join(", ") };
}
