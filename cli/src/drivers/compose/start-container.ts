import { mkdirSync } from "node:fs";
import { administratorOf } from "../../database/logins.ts";
import { CliError } from "../../errors/cli-error.ts";
import { waitFor } from "../../host/wait.ts";
import { getService, servicesOf } from "../../services/index.ts";
import type { ServiceId } from "../../services/service-def.ts";
import { DATABASE_NAME, MAINTENANCE_DATABASE } from "../../stack/connections.ts";
import type { Progress } from "../driver.ts";
import { type DatabaseAccess, ensureDatabaseRoles, withClient } from "../embedded/database-roles.ts";
import { isSigning, probeOwnIdentity } from "../embedded/own-identity.ts";
import type { DriverFoundation } from "../index.ts";
import { awaitCertificates } from "./await-certificates.ts";
import { bootstrapDirectus } from "./bootstrap-directus.ts";
import { containerContext } from "./container-layout.ts";
import { type ContainerName, containerFor, planOf } from "./container-names.ts";
import { containerOf } from "./container-status.ts";
import { inspectProject, wantedHashes } from "./containers.ts";
import { docker } from "./docker.ts";
import { layOutCaddyFolder, layOutContainerFiles } from "./lay-out.ts";
import { type Project, projectOf } from "./project.ts";
import { writeProjectFiles } from "./project-files.ts";

const CADDY_READY_MS = 60_000;
const READY_POLL_MS = 250;
const LOG_LINES = "30";

/** Makes one service and the proxy before it run as their inputs want it now, and waits for proof. True when anything changed. */
export async function startContainer(
  foundation: DriverFoundation,
  id: ServiceId,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> {
  const { config, paths, secrets } = foundation;
  const service = getService(id, servicesOf(config));
  const name = containerFor(id, config);
  const project = projectOf(foundation);
  const administrator = administratorOf(config);
  const access = { host: project.inner.addresses.postgres, port: config.postgresPort, secrets, administrator };
  mkdirSync(paths.data, { recursive: true, mode: 0o711 });
  writeProjectFiles(foundation, project);
  layOutContainerFiles(foundation, project, service);

  let changed = false;
  if (!(await isCurrent(project, name, signal))) {
    if (id === "directus") await bootstrapDirectus(foundation, project, access, progress, signal);
    progress(`starting ${service.title}`);
    await raise(project, name, service.readyWithinMs, signal);
    changed = true;
  }
  if (id === "postgres") {
    await waitForDatabase(access, service.readyWithinMs, signal);
    return (await ensureDatabaseRoles(access)) || changed;
  }
  layOutCaddyFolder(foundation);
  if (!(await isCurrent(project, "caddy", signal))) {
    progress("starting the proxy");
    await raise(project, "caddy", CADDY_READY_MS, signal);
    await awaitCertificates(config, progress, signal);
    changed = true;
  }
  if (isSigning(service)) {
    const context = containerContext(foundation, service, project.inner);
    let last = "it was not asked yet";
    const ask = async () => {
      const { verdict, evidence } = await probeOwnIdentity(service, context, secrets, signal);
      last = `${verdict}: ${evidence}`;
      return verdict === "OK" || verdict === "DEGRADED" ? true : null;
    };
    if ((await waitFor(ask, { timeoutMs: service.readyWithinMs, intervalMs: READY_POLL_MS, signal })) === null)
      throw await failure(project, name, `it did not prove itself through the proxy: ${last}`, signal);
  }
  return changed;
}

/** Runs, is healthy, and was made from the locked image and from what compose.yaml and its inputs say now. */
async function isCurrent(project: Project, name: ContainerName, signal: AbortSignal): Promise<boolean> {
  const container = containerOf(await inspectProject(project, signal), name);
  if (container === null || container.State.Health?.Status !== "healthy") return false;
  if (container.Image !== project.imageOf(name)) return false;
  const { Labels } = container.Config;
  const wanted = (await wantedHashes(project, signal)).get(name);
  return Labels["io.muster.input"] === project.inputHash(name) && Labels["com.docker.compose.config-hash"] === wanted;
}

/** `up --wait` calls what has no health check ready, and ends with 0 when it is interrupted: so what it made is looked at again. */
async function raise(project: Project, name: ContainerName, readyWithinMs: number, signal: AbortSignal): Promise<void> {
  const seconds = String(Math.ceil(readyWithinMs / 1000));
  const options = ["--detach", "--no-deps", "--no-build", "--pull", "never", "--wait", "--wait-timeout", seconds];
  try {
    await docker([...project.argv, "up", ...options, name], {
      purpose: `Compose could not start ${name}`,
      timeoutMs: readyWithinMs + 60_000,
      signal,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw await failure(project, name, error instanceof Error ? error.message : String(error), signal);
  }
  if (!(await isCurrent(project, name, signal)))
    throw await failure(
      project,
      name,
      "Compose reports it ready, but it is not healthy or not what compose.yaml says",
      signal,
    );
}

/** Says why, with what the container itself said last. */
async function failure(project: Project, name: ContainerName, why: string, signal: AbortSignal): Promise<CliError> {
  const container = containerOf(await inspectProject(project, signal), name);
  const state =
    container === null
      ? "it has no container"
      : `${container.State.Status}, ${container.State.Health?.Status ?? "no health check"}, exit code ${container.State.ExitCode}${container.State.OOMKilled ? ", out of memory" : ""}`;
  const logs =
    container === null
      ? ""
      : await docker(["logs", "--tail", LOG_LINES, container.Id], { purpose: "No log", signal }).then(
          ({ stdout, stderr }) => `\n${stdout}\n${stderr}`.trimEnd(),
          () => "",
        );
  return new CliError("SERVICE_FAILED", {
    message: `${name} did not start (${state}): ${why}${logs}`,
    hint: `Run \`elk-os logs ${planOf(name).service ?? name}\`, then \`elk-os up\` again.`,
  });
}

/** Asks at Postgres's address, where one that runs elsewhere is reached through the door: from a container, and not from this machine alone. */
async function waitForDatabase(access: DatabaseAccess, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const isElsewhere = access.administrator != null;
  let last = "";
  const ask = async () => {
    try {
      // The board's database is there before a server elsewhere is used, and after one of ours has started.
      const database = isElsewhere ? DATABASE_NAME : MAINTENANCE_DATABASE;
      await withClient(access, "postgres", database, async () => undefined);
      return true;
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      return null;
    }
  };
  if ((await waitFor(ask, { timeoutMs, intervalMs: READY_POLL_MS, signal })) !== null) return;
  if (isElsewhere) {
    throw new CliError("SERVICE_FAILED", {
      message: `The door on ${access.host}:${access.port} did not lead to the external Postgres within ${timeoutMs / 1000} s: ${last}`,
      hint: "This machine reaches that server, and the door's container must, too: `elk-os logs postgres` says what it saw (docs/external-postgres.md).",
    });
  }
  throw new CliError("SERVICE_FAILED", {
    message: `Postgres did not take the superuser's password on ${access.host}:${access.port} within ${timeoutMs / 1000} s: ${last}`,
    hint: "Run `elk-os logs postgres`; a volume of another instance has another password.",
  });
}
