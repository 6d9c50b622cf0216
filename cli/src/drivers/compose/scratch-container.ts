import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { WithDatabase } from "../../backup/database.ts";
import { CliError } from "../../errors/cli-error.ts";
import { ensureDir, writeOwnedFile } from "../../host/files.ts";
import { waitFor } from "../../host/wait.ts";
import { initdbArgv } from "../../services/postgres.ts";
import { assertSocketFits, connectScratch, SCRATCH_PREFIX } from "../embedded/scratch-server.ts";
import type { DriverFoundation } from "../index.ts";
import { imageReferences } from "./container-images.ts";
import { CONTAINER_USERS } from "./container-layout.ts";
import { docker } from "./docker.ts";
import { type Project, projectOf } from "./project.ts";

/** Tells a scratch server from the containers of the project, of which it is none. Its value is the project's name. */
const LABEL = "io.muster.scratch";
/** initdb and a start on a loaded machine; five seconds on an idle one. */
const READY_MS = 120_000;
const READY_POLL_MS = 250;
const END_MS = 60_000;
const LOG_LINES = "20";

/** Where the container sees what lies in the folder on this machine. */
const INSIDE = {
  data: "/var/lib/postgresql",
  sockets: "/var/run/postgresql",
  password: "/run/muster/superuser.password",
};

export interface ScratchPlace {
  readonly project: string;
  readonly image: string;
  /** On this machine, with `data`, `sockets` and `password`. */
  readonly folder: string;
  readonly memoryMb: number;
}

/**
 * A throw-away Postgres of the image that the instance runs, closed as that is and without any network: it is reached by a Unix socket that lies in the
 * state folder. Nothing of it is kept, however `work` ends; what a killed run left is removed first.
 */
export async function withScratchContainer<T>(
  foundation: DriverFoundation,
  signal: AbortSignal,
  work: (server: WithDatabase) => Promise<T>,
): Promise<T> {
  const { config, paths, secrets } = foundation;
  const project = projectOf(foundation);
  await removeScratch(project, signal);
  for (const name of readdirSync(paths.root).filter((entry) => entry.startsWith(SCRATCH_PREFIX)))
    rmSync(join(paths.root, name), { recursive: true, force: true });
  const folder = mkdtempSync(join(paths.root, SCRATCH_PREFIX));
  const sockets = join(folder, "sockets");
  const password = secrets.read("postgres_superuser_password").reveal();
  try {
    assertSocketFits(sockets);
    layOut(folder, password);
    const place = {
      project: project.name,
      image: imageReferences(foundation).postgres,
      folder,
      memoryMb: config.limitPostgresMb,
    };
    await docker(scratchArgv(place), { purpose: "The scratch Postgres could not be started", signal });
    const server = connectScratch(sockets, password);
    await untilReady(project, server, signal);
    return await work(server);
  } finally {
    // Must happen although the run was interrupted.
    await removeScratch(project, AbortSignal.timeout(END_MS));
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * The image's own entrypoint is left out: it first starts a server that listens on the same socket, only to stop it again. No fsync, because nothing is
 * kept. Pure.
 */
export function scratchArgv({ project, image, folder, memoryMb }: ScratchPlace): readonly string[] {
  const { uid } = CONTAINER_USERS.postgres;
  const data = join(INSIDE.data, "scratch");
  const [, ...initdb] = initdbArgv("", data, INSIDE.password);
  const settings = {
    listen_addresses: "''",
    unix_socket_directories: INSIDE.sockets,
    shared_buffers: "32MB",
    fsync: "off",
    full_page_writes: "off",
  };
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  const mount = (name: keyof typeof INSIDE, mode: string) => [
    "--volume",
    `${join(folder, name)}:${INSIDE[name]}:${mode}`,
  ];
  return [
    "run",
    "--detach",
    ...["--name", `${project}-scratch`, "--label", `${LABEL}=${project}`],
    ...["--pull", "never", "--network", "none", "--restart", "no"],
    ...["--user", `${uid}:${uid}`, "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"],
    ...["--memory", `${memoryMb}m`, "--memory-swap", `${memoryMb}m`, "--pids-limit", "200", "--oom-score-adj", "500"],
    ...[
      "--log-driver",
      "local",
      "--log-opt",
      "max-size=10m",
      "--shm-size",
      "128m",
      "--tmpfs",
      "/tmp:mode=1777,size=64m",
    ],
    ...mount("data", "rw"),
    ...mount("sockets", "rw"),
    ...mount("password", "ro"),
    ...["--entrypoint", "sh", image],
    ...["-ec", `initdb "$@"; exec postgres -D ${data} ${options.join(" ")}`, "scratch", ...initdb],
  ];
}

/** Containers of a scratch server, whatever their state. */
export async function scratchContainers(
  { name }: Pick<Project, "name">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { stdout } = await docker(["ps", "--all", "--quiet", "--no-trunc", "--filter", `label=${LABEL}=${name}`], {
    purpose: "The engine did not list its containers",
    signal,
  });
  return stdout.split("\n").filter((id) => id !== "");
}

export async function removeScratch(project: Pick<Project, "name">, signal: AbortSignal): Promise<void> {
  const left = await scratchContainers(project, signal);
  if (left.length === 0) return;
  await docker(["rm", "--force", "--volumes", ...left], {
    purpose: "The scratch Postgres could not be removed",
    timeoutMs: END_MS,
    signal,
  });
}

function layOut(folder: string, password: string): void {
  const { uid } = CONTAINER_USERS.postgres;
  const owner = { uid, gid: uid };
  for (const name of ["data", "sockets"]) ensureDir(join(folder, name), { mode: 0o700, owner });
  writeOwnedFile(join(folder, "password"), password, { mode: 0o400, owner });
}

async function untilReady(project: Project, server: WithDatabase, signal: AbortSignal): Promise<void> {
  const [id = ""] = await scratchContainers(project, signal);
  const watching = new AbortController();
  let isEnded = false;
  void docker(["wait", id], {
    purpose: "The scratch Postgres could not be watched",
    timeoutMs: READY_MS,
    signal: AbortSignal.any([signal, watching.signal]),
  }).then(
    () => {
      isEnded = true;
    },
    () => undefined,
  );
  let last = "";
  const ask = async () => {
    try {
      await server("postgres", async () => undefined);
      return "ready";
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      return isEnded ? "ended" : null;
    }
  };
  const outcome = await waitFor(ask, { timeoutMs: READY_MS, intervalMs: READY_POLL_MS, signal }).finally(() =>
    watching.abort(),
  );
  if (outcome === "ready") return;
  const said = await docker(["logs", "--tail", LOG_LINES, id], { purpose: "No log", signal }).then(
    ({ stdout, stderr }) => `${stdout}\n${stderr}`.trim(),
    () => "",
  );
  const why =
    outcome === "ended" ? "ended before it took a connection" : `took no connection within ${READY_MS / 1000} s`;
  throw new CliError("SERVICE_FAILED", {
    message: `The scratch Postgres ${why}: ${last}\n${said}`,
    hint: "Mend what it says and run the command again; `docker ps -a` shows what the engine has.",
  });
}
