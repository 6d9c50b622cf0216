/**
 * The one place where the portal reads its environment. Read when first asked for, never at import, so that `next build` needs none
 * of it. A variable that is missing is an error of the caller's request, not of the process: the portal never exits on its own.
 */
import { z } from "zod";

const Text = z.string().min(1);
const OptionalText = z
  .string()
  .optional()
  .transform((value) => (value === undefined || value === "" ? null : value));

const DatabaseEnvironment = z.object({
  ELK_OS_DATABASE_HOST: Text.default("127.0.0.1"),
  ELK_OS_DATABASE_PORT: z.coerce.number().int().min(1).max(65535).default(15432),
  ELK_OS_DATABASE_NAME: Text.default("muster"),
  ELK_OS_DATABASE_USER: Text.default("muster_portal"),
  ELK_OS_DATABASE_PASSWORD_FILE: Text,
});

const IdentityEnvironment = z.object({
  ELK_OS_INSTANCE_ID: z.uuid(),
  ELK_OS_IDENTITY_KEY_FILE: Text,
  ELK_OS_VERSION: Text,
  ELK_OS_BUILD: Text.default("dev"),
});

const PageEnvironment = z.object({
  ELK_OS_INSTANCE_ID: OptionalText,
  ELK_OS_BUILD: OptionalText,
  ELK_OS_DRIVER: OptionalText,
  ELK_OS_PROFILE_FILE: OptionalText,
});

const SearchEnvironment = z.object({
  ELK_OS_RAG_URL: OptionalText,
  ELK_OS_RAG_KEY_FILE: OptionalText,
  ELK_OS_RAG_IDENTITY_KEY_FILE: OptionalText,
  ELK_OS_INSTANCE_ID: OptionalText,
});

const ReportEnvironment = z.object({ ELK_OS_DOCTOR_REPORT_FILE: OptionalText });
const HostEnvironment = z.object({ ELK_OS_DRIVER: OptionalText, ELK_OS_PORTAL_HOSTS: OptionalText });

const ListenEnvironment = z.object({ ELK_OS_PORT: OptionalText, PORT: OptionalText });

export interface DatabaseSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly passwordFile: string;
}

/** Throws a ZodError that names the variable. */
export function databaseSettings(): DatabaseSettings {
  const env = DatabaseEnvironment.parse(process.env);
  return {
    host: env.ELK_OS_DATABASE_HOST,
    port: env.ELK_OS_DATABASE_PORT,
    database: env.ELK_OS_DATABASE_NAME,
    user: env.ELK_OS_DATABASE_USER,
    passwordFile: env.ELK_OS_DATABASE_PASSWORD_FILE,
  };
}

export interface IdentitySettings {
  readonly instance: string;
  readonly keyFile: string;
  readonly version: string;
  readonly build: string;
}

/** Throws a ZodError that names the variable. */
export function identitySettings(): IdentitySettings {
  const env = IdentityEnvironment.parse(process.env);
  return {
    instance: env.ELK_OS_INSTANCE_ID,
    keyFile: env.ELK_OS_IDENTITY_KEY_FILE,
    version: env.ELK_OS_VERSION,
    build: env.ELK_OS_BUILD,
  };
}

export interface PageSettings {
  /** Instance uuid; null when the portal was started by hand. */
  readonly instance: string | null;
  readonly build: string;
  /** "compose" or "embedded"; null when nobody said. */
  readonly driver: string | null;
  readonly profileFile: string | null;
}

export function pageSettings(): PageSettings {
  const env = PageEnvironment.parse(process.env);
  return {
    instance: env.ELK_OS_INSTANCE_ID,
    build: env.ELK_OS_BUILD ?? "dev",
    driver: env.ELK_OS_DRIVER,
    profileFile: env.ELK_OS_PROFILE_FILE,
  };
}

export interface SearchSettings {
  /** "http://127.0.0.1:9100" */
  readonly url: string;
  /** Bearer key of the search service. */
  readonly keyFile: string;
  /** The search service's identity key: who answers is asked before the key is sent. */
  readonly identityKeyFile: string;
  readonly instance: string;
}

/** Null when the portal was started without a search service. */
export function searchSettings(): SearchSettings | null {
  const env = SearchEnvironment.parse(process.env);
  const { ELK_OS_RAG_URL: url, ELK_OS_RAG_KEY_FILE: keyFile, ELK_OS_RAG_IDENTITY_KEY_FILE: identityKeyFile } = env;
  const { ELK_OS_INSTANCE_ID: instance } = env;
  if (url === null || keyFile === null || identityKeyFile === null || instance === null) return null;
  return { url, keyFile, identityKeyFile, instance };
}

/** Where doctor leaves what it saw last; null when nobody said. */
export function doctorReportFile(): string | null {
  return ReportEnvironment.parse(process.env).ELK_OS_DOCTOR_REPORT_FILE;
}

/** Names besides loopback's that the site answers to. Null: any, because the compose stack's proxy stands before it and nobody named some. */
export function allowedHosts(): readonly string[] | null {
  const env = HostEnvironment.parse(process.env);
  if (env.ELK_OS_PORTAL_HOSTS !== null) {
    return env.ELK_OS_PORTAL_HOSTS.split(",").map((name) => name.trim().toLowerCase());
  }
  return env.ELK_OS_DRIVER === "compose" ? null : [];
}

/** The port that this process listens on, to fetch its own page for "unavailable". */
export function ownPort(): string {
  const env = ListenEnvironment.parse(process.env);
  return env.PORT ?? env.ELK_OS_PORT ?? "3000";
}

/** True: strangers read this portal, so that names of people, money and evidence stay out of it (data/redaction.ts). */
export function isPublic(): boolean {
  return process.env["ELK_OS_PORTAL_PUBLIC"] === "true";
}

/** True: a transaction pooler stands before Postgres, so no setting and no prepared statement outlives a transaction. */
export function isPooled(): boolean {
  return process.env["ELK_OS_DATABASE_POOLED"] === "true";
}

/** Sites that may show /embed in a frame, as CSP writes them: "https://a.example https://b.example"; "'none'" unless told otherwise. */
export function frameAncestors(): string {
  const given = process.env["ELK_OS_PORTAL_FRAME_ANCESTORS"] ?? "";
  return /^(\*|https?:\/\/[a-z0-9.*:-]+)( https?:\/\/[a-z0-9.*:-]+)*$/i.test(given) ? given : "'none'";
}

export const isDevelopment = process.env.NODE_ENV === "development";
