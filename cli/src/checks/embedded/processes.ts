import { runningArchitecture } from "../../host/elf.ts";
import { findProcess, listPids } from "../../host/process-table.ts";
import { driverStatus } from "../../identity/service-identity.ts";
import { counted } from "../../output/counted.ts";
import { choresOf } from "../../services/chores.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** EMB-01. Reads the running program, not the file we think was started. */
export const nativeBinaries: Check = {
  id: "EMB-01",
  title: "Each running service is a program of this machine's architecture",
  severity: "error",
  drivers: { only: "embedded", otherwise: "IMG-02 looks at every program in the containers" },
  dependsOn: ["PORT-01"],
  timeoutMs: 5_000,
  async probe(stack) {
    const programs = (await driverStatus(stack)).map(({ service, pid }) => ({
      service,
      pid,
      architecture: pid === null ? null : runningArchitecture(pid),
    }));
    return judgePrograms(programs, process.arch);
  },
  fix: { summary: "elk-os reset --cache --yes, then elk-os up installs runtimes for this machine" },
};

export interface RunningProgram {
  readonly service: string;
  /** Null: it does not run. */
  readonly pid: number | null;
  readonly architecture: string | null;
}

/** Every program must run, and be one of `native`. */
export function judgePrograms(programs: readonly RunningProgram[], native: string): Finding {
  for (const { service, pid, architecture } of programs) {
    if (architecture === null) return fail(`${service} does not run`);
    if (architecture !== native)
      return fail(`${service} (pid ${pid}) is ${architecture}`, { expected: native, actual: architecture });
  }
  const services = [...new Set(programs.map(({ service }) => service))];
  return services.length === 0 ? fail("no program runs") : pass(`${services.join(", ")}: ${native}`);
}

/** EMB-02. */
export const servicesUnprivileged: Check = {
  id: "EMB-02",
  title: "No service runs as root",
  severity: "error",
  drivers: { only: "embedded", otherwise: "DOCK-10 looks at the user of every container" },
  dependsOn: ["PORT-01"],
  timeoutMs: 5_000,
  async probe(stack) {
    const owned = (await driverStatus(stack)).map(({ service, pid }) => ({
      service,
      pid,
      uid: pid === null ? null : (findProcess(pid)?.uid ?? null),
    }));
    return judgeOwners(owned);
  },
  fix: { summary: "elk-os down, then elk-os up" },
};

interface OwnedProcess {
  readonly service: string;
  readonly pid: number | null;
  /** Null: it does not run. */
  readonly uid: number | null;
}

export function judgeOwners(processes: readonly OwnedProcess[]): Finding {
  for (const { service, pid, uid } of processes) {
    if (uid === null) return fail(`${service} does not run`);
    if (uid === 0) return fail(`${service} (pid ${pid}) runs as root`, { expected: "another user", actual: "uid 0" });
  }
  const uids = new Set(processes.map(({ uid }) => uid));
  return uids.size === 0 ? fail("no service runs") : pass(`uid ${[...uids].join(", ")}`);
}

/** EMB-05. What works in our data folder but is in no record would survive `down`. */
export const nothingLeaked: Check = {
  id: "EMB-05",
  title: "No process outside the records works in this instance's folders",
  severity: "error",
  drivers: { only: "embedded", otherwise: "DOCK-06 looks for containers, networks and volumes that are left over" },
  dependsOn: ["PORT-01"],
  timeoutMs: 5_000,
  async probe(stack) {
    const recorded = new Set((await driverStatus(stack)).flatMap(({ pid }) => (pid === null ? [] : [pid])));
    const places = [stack.paths.data, stack.paths.run];
    const strangers = listPids()
      .map((pid) => findProcess(pid))
      .filter((info) => info !== null)
      .filter(
        (info) =>
          !isBelow(info.pid, recorded) && info.argv.some((word) => places.some((place) => word.includes(place))),
      )
      .filter((info) => info.pid !== process.pid && !info.argv.some((word) => word.includes("supervisor-main")));
    const first = strangers[0];
    return first === undefined
      ? pass(
          `${counted(recorded.size, "recorded process", "recorded processes")} with their children, ${countOwn(recorded)} in all`,
        )
      : fail(`pid ${first.pid} ${first.exe ?? ""} works in this instance and is in no record`);
  },
  fix: { summary: "stop the process that is named; elk-os down then leaves nothing" },
};

/** Is it one of these processes, or a descendant of one? */
function isBelow(pid: number, roots: ReadonlySet<number>): boolean {
  for (
    let current: number | undefined = pid;
    current !== undefined && current > 1;
    current = findProcess(current)?.parentPid
  ) {
    if (roots.has(current)) return true;
  }
  return false;
}

function countOwn(roots: ReadonlySet<number>): number {
  return listPids().filter((pid) => isBelow(pid, roots)).length;
}

/**
 * EMB-08. Services outlive a supervisor that dies, so nothing else on the board would show it. How its chores go is for other checks to say:
 * `up` can make it know them, and cannot make them succeed.
 */
export const servicesWatched: Check = {
  id: "EMB-08",
  title: "A supervisor lives that starts a service again when it ends, and knows the chores of the settings",
  severity: "error",
  drivers: { only: "embedded", otherwise: "the engine starts a container again; DOCK-03 and DOCK-05 look" },
  dependsOn: [],
  timeoutMs: 2_000,
  async probe({ driver, config }) {
    const pid = await driver.watcher();
    if (pid === null) return fail("no supervisor runs");
    const wanted = describeChores(choresOf(config));
    const known = describeChores(await driver.chores());
    return known === wanted
      ? pass(`pid ${pid}, ${known}`)
      : fail(`pid ${pid} has other chores than the settings`, { expected: wanted, actual: known });
  },
  fix: { summary: "elk-os up --only up starts one, which takes the running services over" },
};

function describeChores(chores: readonly { readonly id: string; readonly intervalMs: number }[]): string {
  const each = chores.map(({ id, intervalMs }) => `${id} every ${intervalMs / 60_000} min`);
  return each.length === 0 ? "no chores" : each.join(", ");
}

/** EMB-07. Said on every board, so that nobody takes the embedded driver for an isolated one. */
export const isolationSaid: Check = {
  id: "EMB-07",
  title: "The embedded driver isolates Directus's telemetry from the network",
  severity: "info",
  drivers: { only: "embedded", otherwise: "NET-01 shows that the inner network has no way out" },
  dependsOn: [],
  timeoutMs: 1_000,
  async probe({ config }) {
    return config.telemetryUrl === undefined
      ? fail(
          "it does not: Directus's free tier sends usage counts to its maker (docs/adr/0005); services share one uid and the host's network",
        )
      : fail(`it does not; Directus's telemetry goes to ${new URL(config.telemetryUrl).origin} (ELK_OS_TELEMETRY_URL)`);
  },
  fix: { summary: "run it on a host without egress, or set ELK_OS_TELEMETRY_URL" },
};
