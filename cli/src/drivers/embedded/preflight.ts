import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { environmentName } from "../../config/schema.ts";
import { CliError } from "../../errors/cli-error.ts";
import { isReachableBy } from "../../host/files.ts";
import { canMakeUsers, findUser, isRoot } from "../../host/users.ts";
import { servicesOf } from "../../services/index.ts";
import type { ServiceDef } from "../../services/service-def.ts";
import type { Foundation } from "./foundation.ts";
import type { Layout } from "./layout.ts";
import { findPortHolder, type PortHolder } from "./port-holder.ts";
import { STRANGER } from "./staging/node-binary.ts";
import { openRecords } from "./supervisor/records.ts";

/**
 * Looks at everything the driver needs of the machine and refuses with the whole list at once. Reads and asks only.
 * @throws CliError PORT_TAKEN (facts name port, pid, exe and verdict of each holder) or PREFLIGHT_FAILED
 */
export async function assertMachineReady(foundation: Foundation, layout: Layout, signal: AbortSignal): Promise<void> {
  const taken = await findTakenPorts(foundation, layout, signal);
  const problems = [...samePortProblems(foundation), ...placeProblems(foundation)];
  if (taken.length === 0 && problems.length === 0) return;

  const lines = [...taken.map(({ service, port, holder }) => describe(service, port, holder)), ...problems];
  const first = taken[0];
  if (first === undefined) {
    throw new CliError("PREFLIGHT_FAILED", {
      message: lines.join("\n"),
      hint: "Mend it and run the command again; nothing was changed.",
    });
  }
  throw new CliError("PORT_TAKEN", {
    message: lines.join("\n"),
    hint: `Stop that process, or give Muster another port: ${environmentName(first.service.portKey)}=<port>. elk-os never ends a stranger's process and never moves to another port by itself.`,
    facts: {
      ports: taken.map(({ service, port, holder }) => ({
        service: service.id,
        port,
        address: holder.address,
        pid: holder.process?.pid ?? null,
        exe: holder.process?.exe ?? null,
        uid: holder.uid,
        verdict: holder.verdict,
      })),
    },
  });
}

interface Taken {
  readonly service: ServiceDef;
  readonly port: number;
  readonly holder: PortHolder;
}

async function findTakenPorts(foundation: Foundation, layout: Layout, signal: AbortSignal): Promise<readonly Taken[]> {
  const records = openRecords(foundation.paths.run);
  const looks = servicesOf(foundation.config).map(async (service): Promise<Taken | null> => {
    const context = layout.contextOf(service);
    const record = records.readChild(service.id);
    const holder = await findPortHolder({ service, context, record, secrets: foundation.secrets, signal });
    if (holder === null || holder.verdict === "OURS" || holder.verdict === "ORPHAN") return null;
    return { service, port: context.config[service.portKey], holder };
  });
  return (await Promise.all(looks)).filter((taken) => taken !== null);
}

function describe(service: ServiceDef, port: number, { process, uid, verdict, why, address }: PortHolder): string {
  const who =
    process === null
      ? `a process of uid ${uid} that this user may not look at`
      : `pid ${process.pid} (${process.exe ?? process.argv[0] ?? "executable not readable"})`;
  return `Port ${port}, which ${service.title} needs, is held by ${who} on ${address}: ${verdict}, ${why}.`;
}

function samePortProblems({ config }: Foundation): readonly string[] {
  const services = servicesOf(config);
  return services.flatMap((service, index) =>
    services
      .slice(index + 1)
      .filter((other) => config[other.portKey] === config[service.portKey])
      .map((other) => `${service.title} and ${other.title} are both set to port ${config[service.portKey]}.`),
  );
}

/** As root, services run as another user, who must be able to walk to what is theirs. */
function placeProblems({ config, paths }: Foundation): readonly string[] {
  if (!isRoot()) return [];
  const problems = [];
  if (findUser(config.serviceUser) === null && !canMakeUsers()) {
    problems.push(`The system user ${config.serviceUser} does not exist and useradd is not installed.`);
  }
  for (const [name, path] of [["state folder", paths.root] as const, ["cache", config.cacheDir] as const]) {
    if (isReachableBy(nearestExisting(path), STRANGER)) continue;
    problems.push(
      `The ${name} ${path} cannot be reached by the user ${config.serviceUser}: a folder above it is closed.`,
    );
  }
  return problems;
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
