import { join } from "node:path";
import { identityEnvironment, identityFile } from "./identity-environment.ts";
import { LOOPBACK, type ServiceDef } from "./service-def.ts";

const PROFILE_FILE = "profile.json";

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
    HOSTNAME: LOOPBACK,
    PORT: String(context.config.portalPort),
    ELK_OS_HOST: LOOPBACK,
    ELK_OS_PORT: String(context.config.portalPort),
    ELK_OS_DRIVER: context.driver,
    ELK_OS_DATABASE_HOST: LOOPBACK,
    ELK_OS_DATABASE_PORT: String(context.config.postgresPort),
    ELK_OS_DATABASE_NAME: "muster",
    ELK_OS_DATABASE_USER: "muster_portal",
    ELK_OS_DATABASE_PASSWORD_FILE: join(context.places.files, "database.password"),
    ELK_OS_PROFILE_FILE: join(context.places.files, PROFILE_FILE),
    ELK_OS_RAG_URL: `http://${LOOPBACK}:${context.config.ragPort}`,
    ...identityEnvironment("portal", context),
  }),
  readiness: { kind: "identity", service: "portal" },
  readyWithinMs: 60_000,
  stop: [{ signal: "SIGTERM", graceMs: 5_000 }],
};
