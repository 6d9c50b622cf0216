import { existsSync, readFileSync } from "node:fs";
import { CliError } from "../errors/cli-error.ts";
import { type Identity, runCommand } from "./run.ts";

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Uid and gid of the user that runs elk-os. */
export function currentIdentity(): Identity {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) throw new Error("This platform has no user ids.");
  return { uid, gid };
}

/** Looks a user up in passwd(5) text; null when it is not there. */
export function parsePasswd(text: string, name: string): Identity | null {
  const fields = text
    .split("\n")
    .map((line) => line.split(":"))
    .find((line) => line[0] === name);
  return fields === undefined ? null : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

export function findUser(name: string): Identity | null {
  return parsePasswd(readFileSync("/etc/passwd", "utf8"), name);
}

const USERADD = "/usr/sbin/useradd";

/** Can `ensureSystemUser` succeed here? */
export function canMakeUsers(): boolean {
  return existsSync(USERADD);
}

/**
 * The system user that services run as under root: no password, no home, no login shell. Idempotent.
 * @throws CliError PREFLIGHT_FAILED when the name is root's own or useradd is missing.
 */
export async function ensureSystemUser(name: string, signal: AbortSignal): Promise<Identity> {
  const known = findUser(name);
  if (known?.uid === 0) {
    throw new CliError("PREFLIGHT_FAILED", {
      message: `Services cannot run as ${name}: Postgres refuses to run as root.`,
      hint: "Set ELK_OS_SERVICE_USER to an unprivileged user, or leave it out.",
    });
  }
  if (known !== null) return known;
  await runCommand(
    [
      USERADD,
      "--system",
      "--user-group",
      "--no-create-home",
      "--home-dir",
      "/nonexistent",
      "--shell",
      "/usr/sbin/nologin",
      name,
    ],
    { purpose: `The system user ${name} could not be made`, timeoutMs: 30_000, signal },
  );
  const made = findUser(name);
  if (made !== null) return made;
  throw new CliError("PREFLIGHT_FAILED", {
    message: `useradd made ${name}, but /etc/passwd does not list it.`,
    hint: "Make the user by hand, or set ELK_OS_SERVICE_USER to an existing one.",
  });
}
