import { readFileSync } from "node:fs";
import { parseServiceKey } from "@muster/board/identity";
import { z } from "zod";
import type { DatabaseConfig } from "./board/board-reader.ts";
import type { Roots } from "./corpus/list-files.ts";

/** Addresses that no other machine can reach. Any other bind needs a key. */
const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

const environmentSchema = z.object({
  ELK_OS_INSTANCE_ID: z.uuid(),
  ELK_OS_IDENTITY_KEY_FILE: z.string().min(1),
  ELK_OS_VERSION: z.string().min(1).default("0.0.0"),
  ELK_OS_BUILD: z.string().min(1).default("dev"),
  ELK_OS_HOST: z.string().min(1).default("127.0.0.1"),
  ELK_OS_PORT: z.coerce.number().int().min(0).max(65_535).default(9100),
  ELK_OS_MEMORY_DIR: z.string().min(1),
  ELK_OS_LOG_DIR: z.string().min(1),
  ELK_OS_DOCS_DIR: z.string().min(1).optional(),
  ELK_OS_CONSTITUTION_FILE: z.string().min(1).optional(),
  ELK_OS_DATABASE_HOST: z.string().min(1).default("127.0.0.1"),
  ELK_OS_DATABASE_PORT: z.coerce.number().int().min(1).max(65_535).default(15_432),
  ELK_OS_DATABASE_NAME: z.string().min(1).default("muster"),
  ELK_OS_DATABASE_USER: z.string().min(1).default("muster_rag"),
  ELK_OS_DATABASE_PASSWORD_FILE: z.string().min(1).optional(),
  ELK_OS_DATABASE_POOLED: z.string().optional(),
  ELK_OS_RAG_KEY_FILE: z.string().min(1).optional(),
  ELK_OS_DATA_DIR: z.string().min(1).optional(),
  ELK_OS_WAITING_DIR: z.string().min(1).optional(),
  ELK_OS_MODELS_DIR: z.string().min(1).optional(),
  ELK_OS_ALLOWED_HOSTS: z.string().default(""),
});

export interface RagConfig {
  readonly instanceId: string;
  /** 32 bytes: this service's own identity key, never the instance key. */
  readonly identityKey: Buffer;
  readonly version: string;
  readonly build: string;
  readonly host: string;
  /** 0 asks the kernel for a free port; only tests do that. */
  readonly port: number;
  readonly memoryDir: string;
  readonly logDir: string;
  /** Everything of files that is searched; memory and log are always among it. */
  readonly roots: Roots;
  /** The board's database; null when no password file is named: then the board is not searched. */
  readonly database: DatabaseConfig | null;
  /** Bearer key of the POST routes; null only on a loopback bind without a key file. */
  readonly apiKey: string | null;
  /** True when no other machine can reach the service. */
  readonly isLoopback: boolean;
  /** Where the index is kept between starts; null keeps it in memory only. */
  readonly dataDir: string | null;
  /** Where writes wait that the service may not carry out; null: they are refused. */
  readonly waitingDir: string | null;
  /** Where pulled models lie, and which of them was chosen; null: the shipped one. */
  readonly modelsDir: string | null;
  /** Names that a caller may use in Host and Origin, beside the loopback ones and the bind address. */
  readonly allowedHosts: readonly string[];
}

/** The environment does not describe a service that may start. Each line names a variable. */
export class ConfigError extends Error {}

/**
 * Reads the configuration of the service. The only reader of `process.env` in this package.
 * @throws ConfigError naming every variable that is missing or wrong, never its value
 */
export function loadConfig(environment: NodeJS.ProcessEnv = readEnvironment()): RagConfig {
  const parsed = environmentSchema.safeParse(environment);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new ConfigError(lines.join("\n"));
  }
  const env = parsed.data;
  const apiKey =
    env.ELK_OS_RAG_KEY_FILE === undefined ? null : readSecret("ELK_OS_RAG_KEY_FILE", env.ELK_OS_RAG_KEY_FILE);
  if (apiKey === null && !LOOPBACK.has(env.ELK_OS_HOST)) {
    throw new ConfigError(
      `ELK_OS_RAG_KEY_FILE: required because ELK_OS_HOST ${env.ELK_OS_HOST} is not a loopback address`,
    );
  }
  return {
    instanceId: env.ELK_OS_INSTANCE_ID,
    identityKey: parseIdentityKey(readSecret("ELK_OS_IDENTITY_KEY_FILE", env.ELK_OS_IDENTITY_KEY_FILE)),
    version: env.ELK_OS_VERSION,
    build: env.ELK_OS_BUILD,
    host: env.ELK_OS_HOST,
    port: env.ELK_OS_PORT,
    memoryDir: env.ELK_OS_MEMORY_DIR,
    logDir: env.ELK_OS_LOG_DIR,
    roots: {
      memory: env.ELK_OS_MEMORY_DIR,
      log: env.ELK_OS_LOG_DIR,
      ...(env.ELK_OS_DOCS_DIR === undefined ? {} : { docs: env.ELK_OS_DOCS_DIR }),
      ...(env.ELK_OS_CONSTITUTION_FILE === undefined ? {} : { constitution: env.ELK_OS_CONSTITUTION_FILE }),
    },
    database: toDatabase(env),
    apiKey,
    isLoopback: LOOPBACK.has(env.ELK_OS_HOST),
    dataDir: env.ELK_OS_DATA_DIR ?? null,
    waitingDir: env.ELK_OS_WAITING_DIR ?? null,
    modelsDir: env.ELK_OS_MODELS_DIR ?? null,
    allowedHosts: [env.ELK_OS_HOST, ...env.ELK_OS_ALLOWED_HOSTS.split(",").map((name) => name.trim())].filter(
      (name) => name !== "",
    ),
  };
}

function toDatabase(env: z.infer<typeof environmentSchema>): DatabaseConfig | null {
  if (env.ELK_OS_DATABASE_PASSWORD_FILE === undefined) return null;
  return {
    host: env.ELK_OS_DATABASE_HOST,
    port: env.ELK_OS_DATABASE_PORT,
    database: env.ELK_OS_DATABASE_NAME,
    user: env.ELK_OS_DATABASE_USER,
    passwordFile: env.ELK_OS_DATABASE_PASSWORD_FILE,
    isPooled: env.ELK_OS_DATABASE_POOLED === "true",
  };
}

function readEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

function readSecret(variable: string, file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new ConfigError(`${variable}: the file it names cannot be read`, { cause });
  }
  if (text.length < 32) throw new ConfigError(`${variable}: the file it names holds fewer than 32 characters`);
  return text;
}

function parseIdentityKey(text: string): Buffer {
  try {
    return parseServiceKey(text);
  } catch (cause) {
    throw new ConfigError("ELK_OS_IDENTITY_KEY_FILE: the file it names must hold 64 hex digits", { cause });
  }
}
