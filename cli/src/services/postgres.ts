import { join } from "node:path";
import type { ServiceContext, ServiceDef } from "./service-def.ts";

/** Names inside the service's folder and the data folder. */
export const POSTGRES_CONF = "postgresql.conf";
export const POSTGRES_HBA = "pg_hba.conf";
export const POSTGRES_DATA = "postgres";
export const SUPERUSER_PASSWORD = "superuser.password";

/**
 * How glibc keeps a backend's memory, in bytes. By default it gives the top of the heap back after each transaction that used more than
 * 128 KB, as every verb does, and takes it again for the next: on a virtual machine that was an eighth of a claim.
 */
export const POSTGRES_MEMORY = { MALLOC_TRIM_THRESHOLD_: "8388608", MALLOC_TOP_PAD_: "1048576" } as const;

export const postgres: ServiceDef = {
  id: "postgres",
  title: "Postgres 18",
  needs: [],
  portKey: "postgresPort",
  stages: ["postgres"],
  files: {
    [POSTGRES_CONF]: { kind: "text", render: postgresConf },
    [POSTGRES_HBA]: { kind: "text", render: postgresHba },
  },
  installFiles: { [SUPERUSER_PASSWORD]: { kind: "secret", name: "postgres_superuser_password" } },
  dataFolders: [],
  argv: ({ staged, places }) => [
    join(staged("postgres"), "bin", "postgres"),
    "-D",
    join(places.data, POSTGRES_DATA),
    "-c",
    `config_file=${join(places.files, POSTGRES_CONF)}`,
  ],
  cwd: ({ places }) => places.scratch,
  environment: () => POSTGRES_MEMORY,
  readiness: { kind: "postgres", mark: "data-folder" },
  readyWithinMs: 60_000,
  // SIGINT is fast shutdown: open transactions are rolled back and a checkpoint is written. SIGQUIT skips the
  // checkpoint; the next start then replays the WAL.
  stop: [
    { signal: "SIGINT", graceMs: 30_000 },
    { signal: "SIGQUIT", graceMs: 5_000 },
  ],
};

/** Password for everybody, and no trust for anybody. */
function postgresHba({ network }: ServiceContext): string {
  const lines = network.peers.map((peer) => `host all all ${peer} scram-sha-256`);
  if (network.sockets !== null) lines.push("local all all scram-sha-256");
  return `# Written by elk-os at every start.\n${lines.join("\n")}\n`;
}

/**
 * The whole configuration, tuned for the stack on 1 to 2 GB of memory. Written by elk-os at every start, outside the
 * data folder, so that what Postgres can write cannot change how it starts.
 */
function postgresConf({ config, network, places }: ServiceContext): string {
  const settings: readonly (readonly [string, string | number])[] = [
    ["data_directory", quoted(join(places.data, POSTGRES_DATA))],
    ["hba_file", quoted(join(places.files, POSTGRES_HBA))],
    ["listen_addresses", quoted(network.listen)],
    ["port", config.postgresPort],
    ["unix_socket_directories", quoted(network.sockets ?? "")],
    ["password_encryption", "scram-sha-256"],
    // Directus pools 10, portal, search and the CLI a few each; every idle backend costs about 2 MB.
    ["max_connections", 60],
    ["superuser_reserved_connections", 3],
    ["shared_buffers", `${config.postgresSharedBuffersMb}MB`],
    // What the kernel caches of the same files counts; of 1 to 2 GB it is a quarter.
    ["effective_cache_size", `${Math.max(256, config.postgresSharedBuffersMb * 4)}MB`],
    ["work_mem", "4MB"],
    ["maintenance_work_mem", `${Math.min(64, config.postgresSharedBuffersMb)}MB`],
    // Three, the default, read ahead for many disks; each is a process with the shared buffers in its memory. Nobody subscribes to anything here.
    ["io_workers", 1],
    ["max_logical_replication_workers", 0],
    ["max_worker_processes", 4],
    ["max_parallel_workers", 2],
    ["max_parallel_workers_per_gather", 0],
    ["autovacuum_max_workers", 2],
    ["jit", "off"],
    ["random_page_cost", 1.1],
    ["wal_level", "replica"],
    ["max_wal_size", "512MB"],
    ["min_wal_size", "64MB"],
    ["wal_compression", "on"],
    ["checkpoint_completion_target", 0.9],
    ["dynamic_shared_memory_type", "posix"],
    ["idle_in_transaction_session_timeout", quoted("5min")],
    ["log_min_duration_statement", quoted("1s")],
    ["log_line_prefix", quoted("%m [%p] %q%u@%d ")],
    ["log_timezone", quoted("UTC")],
    ["timezone", quoted("UTC")],
    ["datestyle", quoted("iso, mdy")],
    ["lc_messages", quoted("C")],
    ["default_text_search_config", quoted("pg_catalog.english")],
  ];
  const lines = settings.map(([name, value]) => `${name} = ${value}`);
  return `# Written by elk-os at every start: change the elk-os settings, not this file.\n${lines.join("\n")}\n`;
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Makes the data folder: builtin C.UTF-8 (no libc in the sort order), page checksums, a password from the first moment. */
export function initdbArgv(bin: string, dataDir: string, passwordFile: string): readonly [string, ...string[]] {
  return [
    join(bin, "initdb"),
    `--pgdata=${dataDir}`,
    "--username=postgres",
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--data-checksums",
    "--no-instructions",
  ];
}
