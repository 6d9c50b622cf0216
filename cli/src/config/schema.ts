import { z } from "zod";
import { parseDatabaseUrl } from "../database/parse-url.ts";
import { Secret } from "../state/secret.ts";

const port = z.coerce.number().int().min(1).max(65535);

const hostName = z
  .string()
  .max(253)
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/,
    "must be one host name in lower-case letters, without a port",
  );

const limit = z.coerce.number().int().min(32).max(1_048_576);

const databaseUrl = z.string().transform((text, context) => {
  try {
    parseDatabaseUrl(text);
  } catch (error) {
    context.addIssue({ code: "custom", message: error instanceof Error ? error.message : String(error) });
  }
  return new Secret(text);
});

/**
 * Every setting, its unit, default and effect. This is the only place a default stands; docs/config.md and
 * .env.example are generated from it. The environment name of `ragPort` is ELK_OS_RAG_PORT.
 */
export const configSchema = z.strictObject({
  stateDir: z
    .string()
    .startsWith("/", "must be an absolute path")
    .describe("Folder that holds data, secrets, logs and the journal of this instance (absolute path)."),
  cacheDir: z
    .string()
    .startsWith("/", "must be an absolute path")
    .describe("Folder for installed runtimes, shared safely by several instances (absolute path)."),
  instance: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and dashes, at most 63")
    .describe("Name of this instance; as root it names the state folder."),
  driver: z
    .enum(["auto", "embedded", "compose"])
    .default("auto")
    .describe(
      "How services run: as processes (embedded, and what auto takes) or as containers (compose: Docker and root).",
    ),
  size: z
    .enum(["default", "tiny"])
    .default("default")
    .describe(
      "Memory of the machine that the stack keeps to: default for 2 GiB or more, tiny for 1 GiB; chooses every setting below that has a value for tiny, unless it is set.",
    ),
  profile: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/, "must be the name of a folder in profiles/")
    .default("generic")
    .describe("Profile folder whose brand, theme and seed rows are used."),
  serviceUser: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]*$/, "must be a system user name")
    .default("elk-os")
    .describe("System user that runs the services when elk-os runs as root; made when missing."),
  postgresPort: port
    .default(15432)
    .describe(
      "Loopback port of Postgres, or of the door to one that runs elsewhere; below 32768, so that no outgoing connection can hold it.",
    ),
  databaseUrl: databaseUrl
    .optional()
    .describe(
      "Postgres 18 that runs elsewhere, with a login that administers it: postgres://user:password@host:5432/muster; several hosts, separated by commas: the one that takes writes (embedded driver; docs/external-postgres.md); unset: elk-os runs its own.",
    ),
  databaseUrlFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "File that holds ELK_OS_DATABASE_URL, in place of it; a value that was given itself is kept in secrets/.",
    ),
  databaseListenUrl: databaseUrl
    .optional()
    .describe(
      "Way past a transaction pooler to the same database, for what needs a session: the administrator's work; unset: ELK_OS_DATABASE_URL leads to no pooler.",
    ),
  databaseListenUrlFile: z
    .string()
    .min(1)
    .optional()
    .describe("File that holds ELK_OS_DATABASE_LISTEN_URL, in place of it."),
  directusPort: port.default(8055).describe("Loopback port of Directus and its Studio."),
  ragPort: port.default(9100).describe("Loopback port of the search service."),
  modelSource: z
    .string()
    .default("")
    .describe("Folder that `elk-os rag model pull` takes files from, as http(s):// or file://; empty: as catalogued."),
  modelRuntime: z
    .string()
    .default("")
    .describe("The npm cache that `elk-os rag model use` installs from without a network; empty: as npm is set up."),
  portalPort: port.default(3000).describe("Loopback port of the portal."),
  portalPublic: z
    .stringbool()
    .default(false)
    .describe("Strangers read the portal: names of people, tokens, costs and evidence stay out of it (true or false)."),
  portalHosts: z
    .string()
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?( *, *[a-z0-9]([a-z0-9.-]*[a-z0-9])?)*$/i,
      "must be host names without ports, separated by commas",
    )
    .optional()
    .describe(
      "Host names that the portal answers to besides loopback's, separated by commas (board.example.org); unset: none, and any behind compose's proxy.",
    ),
  portalFrameAncestors: z
    .string()
    .regex(/^(\*|https?:\/\/[a-z0-9.*:-]+)( https?:\/\/[a-z0-9.*:-]+)*$/i)
    .optional()
    .describe("Sites that may show the portal's /embed in a frame, separated by spaces; unset lets nobody."),
  tls: z
    .enum(["off", "internal", "staging", "acme", "behind-proxy"])
    .default("off")
    .describe(
      "Whose certificate the portal and the Studio have by name (compose driver, docs/tls.md): nobody's (off), one of the proxy's own authority (internal), Let's Encrypt's for trying (staging) or for use (acme), or that of a proxy before ours (behind-proxy).",
    ),
  domain: hostName.optional().describe("Name of the portal where TLS is on: board.example.org."),
  studioDomain: hostName
    .optional()
    .describe("Name of the Studio and of MCP where TLS is on; unset: studio. and the portal's name."),
  publicAddress: z
    .union([z.ipv4(), z.ipv6()], "must be an IP address")
    .optional()
    .describe(
      "Address of this machine on which the names are served; unset: every one, and with a proxy before ours loopback.",
    ),
  httpPort: port
    .default(80)
    .describe("Port of HTTP where TLS is on; an authority that checks the name always calls port 80."),
  httpsPort: port
    .default(443)
    .describe("Port of HTTPS where TLS is on; with a proxy before ours nobody listens there."),
  acmeEmail: z
    .email()
    .optional()
    .describe(
      "Mail address that the authority is given with the account; unset: none, which Let's Encrypt takes, too.",
    ),
  acmeCa: z
    .string()
    .regex(/^https:\/\/[A-Za-z0-9.:[\]-]+(\/[A-Za-z0-9._~/-]*)?$/, "must be an https:// address of plain characters")
    .optional()
    .describe("ACME directory of another authority than Let's Encrypt, for acme."),
  acmeCaRoot: z
    .string()
    .startsWith("/", "must be an absolute path")
    .optional()
    .describe("PEM file with the roots of that authority, where systems do not know them (absolute path)."),
  trustedProxies: z
    .string()
    .regex(/^[0-9a-f.:/]+( *, *[0-9a-f.:/]+)*$/i, "must be addresses or networks (10.0.0.0/8), separated by commas")
    .optional()
    .describe(
      "Proxies before ours that are believed who the client is, for behind-proxy: addresses or networks, separated by commas; unset: private networks.",
    ),
  postgresSharedBuffersMb: z.coerce
    .number()
    .int()
    .min(16)
    .max(16384)
    .default(64)
    .describe("Postgres shared_buffers in MiB."),
  directusHeapMb: z.coerce
    .number()
    .int()
    .min(128)
    .max(65_536)
    .optional()
    .describe(
      "Most that Directus's heap may grow to in MiB, past which it ends; unset: what V8 takes for right on the machine.",
    ),
  restartBudget: z.coerce
    .number()
    .int()
    .min(0)
    .max(100)
    .default(5)
    .describe(
      "How often a service that ends is started again within ELK_OS_RESTART_WINDOW_SECONDS before it counts as failed (embedded driver); 0: never. The pauses grow from 0.25 s to 8 s, so that few windows can hold more than ten. A container engine has no such budget: it starts a container again for ever, with pauses that grow from 0.1 s to a minute; DOCK-05 and OPS-03 tell of it.",
    ),
  restartWindowSeconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(24 * 3_600)
    .default(60)
    .describe("Seconds for which a restart counts against ELK_OS_RESTART_BUDGET (embedded driver)."),
  adminEmail: z.email().default("operator@example.com").describe("Login of the Directus administrator."),
  checkpointIntervalMinutes: z.coerce
    .number()
    .int()
    .min(0)
    .max(7 * 24 * 60)
    .default(60)
    .describe(
      "Minutes between two checkpoints of the board's chains in log/ (embedded driver; docs/claims.md); 0 takes none.",
    ),
  backupMaxAgeDays: z.coerce
    .number()
    .int()
    .min(0)
    .max(3_650)
    .default(7)
    .describe(
      "Days after which OPS-02 warns that no proven backup holds what was written to the board; 0: it never does.",
    ),
  memoryBudgetMb: z.coerce
    .number()
    .int()
    .min(256)
    .default(1792)
    .describe(
      "RAM plus swap in MiB below which HOST-01 is red, and memory of the whole stack above which OPS-01 warns (bench/results).",
    ),
  residentAtRestMb: z.coerce
    .number()
    .int()
    .min(256)
    .default(858)
    .describe(
      "Resident memory of all containers in MiB above which OPS-04 warns while nothing was written since they started; 900 MB (bench/results).",
    ),
  residentAtWorkMb: z.coerce
    .number()
    .int()
    .min(256)
    .default(1049)
    .describe("The same once something was written: 1,100 MB after half an hour of eight agents (bench/results)."),
  diskBudgetMb: z.coerce
    .number()
    .int()
    .min(256)
    .default(4096)
    .describe(
      "Free disk in MiB below which HOST-02 is red, for state and cache each; the default is twice what the whole stack takes (bench/results).",
    ),
  imagePostgres: z.string().min(1).default("postgres:18.4-bookworm").describe("Image of Postgres (compose driver)."),
  imageDirectus: z.string().min(1).default("directus/directus:12.4.0").describe("Image of Directus (compose driver)."),
  imageCaddy: z
    .string()
    .min(1)
    .default("caddy:2.11.4")
    .describe("Image of the proxy before the services (compose driver)."),
  imageNode: z
    .string()
    .min(1)
    .default("node:24.21.0-bookworm-slim")
    .describe("Base of the images that elk-os builds for search and portal (compose driver)."),
  limitPostgresMb: limit.default(512).describe("Memory limit of Postgres's container in MiB."),
  limitDirectusMb: limit.default(768).describe("Memory limit of Directus's container in MiB."),
  limitRagMb: limit.default(512).describe("Memory limit of the search service's container in MiB."),
  limitPortalMb: limit.default(384).describe("Memory limit of the portal's container in MiB."),
  limitCaddyMb: limit.default(96).describe("Memory limit of the proxy's container in MiB."),
  cgroupParent: z
    .string()
    .regex(/^\/?[A-Za-z0-9_.:-]+(\/[A-Za-z0-9_.:-]+)*$/, "must be a control group (/muster), or a slice (muster.slice)")
    .optional()
    .describe(
      "Control group below which the containers are made, whose own limit of memory then holds for all of them together; where systemd keeps the groups, a slice; unset: the engine's own.",
    ),
  telemetryUrl: z
    .url()
    .optional()
    .describe("Where Directus sends its telemetry instead of its maker; unset leaves Directus's own default."),
});

export type Config = z.infer<typeof configSchema>;
export type ConfigKey = keyof Config;

export const CONFIG_KEYS = Object.keys(configSchema.shape) as ConfigKey[];

/** `ragPort` → `ELK_OS_RAG_PORT`. */
export function environmentName(key: ConfigKey): string {
  return `ELK_OS_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
