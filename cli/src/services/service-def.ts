import type { IdentityService } from "@muster/board/identity";
import type { Config } from "../config/schema.ts";
import type { DriverId } from "../drivers/driver.ts";
import type { PortalProfile } from "../seed/to-portal-profile.ts";
import type { SecretName } from "../state/secrets.ts";

/** The services of one instance, in start order. */
export const SERVICE_IDS = ["postgres", "directus", "rag", "portal"] as const;
export type ServiceId = (typeof SERVICE_IDS)[number];

/** What a driver installs or builds once and every instance of the same inputs shares. */
export const STAGE_IDS = ["node", "postgres", "directus-runtime", "extension", "rag", "portal"] as const;
export type StageId = (typeof STAGE_IDS)[number];

/** What a service's argv and environment are computed from; says nothing of how it is run. */
export interface ServiceContext {
  readonly config: Config;
  readonly driver: DriverId;
  /** Instance uuid. */
  readonly instanceId: string;
  /** Release and commit that the service reports in its identity. */
  readonly version: string;
  readonly build: string;
  /** The chosen profile as the portal shows it; read only when it is asked for. */
  readonly profile: () => PortalProfile;
  readonly places: ServicePlaces;
  readonly network: ServiceNetwork;
  /** Absolute path of a staged entry. */
  readonly staged: (id: StageId) => string;
}

/** How services are reached, by clients and by each other. */
export interface ServiceNetwork {
  /** Address that a service listens on. */
  readonly listen: string;
  /** Addresses that the door to an external Postgres listens on: unlike a service, it may be on a network that others reach. */
  readonly doorHosts: readonly [string, ...string[]];
  /** Name or address at which the other services find one. */
  readonly hostOf: (service: ServiceId) => string;
  /** Networks from which Postgres takes connections (CIDR). */
  readonly peers: readonly string[];
  /** Folder of Postgres's Unix socket; null: it has none. */
  readonly sockets: string | null;
}

export interface ServicePlaces {
  /** Holds `files` of the definition; the service reads it and cannot write it. */
  readonly files: string;
  /** Writable, emptied by `down`. */
  readonly scratch: string;
  /** The instance's lasting data. */
  readonly data: string;
  /** Knowledge, narrative, documentation and rules as the service user can read them. */
  readonly memory: string;
  readonly log: string;
  readonly docs: string;
  /** The file `CLAUDE.md`. */
  readonly constitution: string;
}

/** A file that a driver lays out for a service before it starts. Secrets reach a service in no other way. */
export type ServiceFile =
  | { readonly kind: "secret"; readonly name: SecretName }
  /** Hex of this service's own identity key, derived from the instance key, which it never sees. */
  | { readonly kind: "identity-key"; readonly service: IdentityService }
  | { readonly kind: "text"; readonly render: (context: ServiceContext) => string };

export interface StopStep {
  readonly signal: "SIGTERM" | "SIGINT" | "SIGQUIT";
  /** How long it may take to end before the next step; SIGKILL follows the last. */
  readonly graceMs: number;
}

/** A service as data, the same for every driver. All functions are pure. */
export interface ServiceDef {
  readonly id: ServiceId;
  readonly title: string;
  /** Services that must answer before this one starts. */
  readonly needs: readonly ServiceId[];
  readonly portKey: "postgresPort" | "directusPort" | "ragPort" | "portalPort";
  readonly stages: readonly StageId[];
  /** By file name. */
  readonly files: Readonly<Record<string, ServiceFile>>;
  /** Laid out only while the service is installed into an empty data folder or database, and removed after. */
  readonly installFiles: Readonly<Record<string, ServiceFile>>;
  /** Folders under `places.data` that it writes. */
  readonly dataFolders: readonly string[];
  readonly argv: (context: ServiceContext) => readonly [string, ...string[]];
  readonly cwd: (context: ServiceContext) => string;
  /** The whole environment but PATH, HOME, LANG and TZ, which the driver sets. */
  readonly environment: (context: ServiceContext) => Readonly<Record<string, string>>;
  /** How it proves that it is itself: a signed nonce, or Postgres's mutual SCRAM. Never an open port or a 200 alone. */
  readonly readiness: /** `mark`: how a process that no record names is known as ours: by its pid in the data folder, or by its very command line. */
    | { readonly kind: "postgres"; readonly mark: "data-folder" | "command-line" }
    | { readonly kind: "identity"; readonly service: IdentityService };
  /** Time from start to that proof on a slow machine; past it the start has failed. */
  readonly readyWithinMs: number;
  readonly stop: readonly StopStep[];
}

/** Told to services whose way to Postgres leads through a transaction pooler: nothing of theirs may need a session. */
export function pooledEnvironment({ config }: ServiceContext): Readonly<Record<string, string>> {
  return config.databaseListenUrl === undefined ? {} : { ELK_OS_DATABASE_POOLED: "true" };
}

/** Where clients on this machine reach every service. */
export const LOOPBACK = "127.0.0.1";
