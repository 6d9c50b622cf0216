import { existsSync, readFileSync } from "node:fs";
import { CliError } from "../errors/cli-error.ts";
import { type Identity, runCommand } from "./run.ts";
import { waitFor } from "./wait.ts";

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

/** How long another elk-os that makes the same user at this moment is waited for. */
const OTHER_MAKER_MS = 10_000;
const OTHER_MAKER_POLL_MS = 100;

/** Where users are looked up and made; a test gives another. */
export interface UserAccounts {
  find(name: string): Identity | null;
  /** @throws CliError INSTALL_FAILED when it was not made */
  make(name: string, signal: AbortSignal): Promise<void>;
}

const MACHINE: UserAccounts = {
  find: findUser,
  async make(name, signal) {
    const argv = [USERADD, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"] as const;
    const purpose = `The system user ${name} could not be made`;
    await runCommand([...argv, "--shell", "/usr/sbin/nologin", name], { purpose, timeoutMs: 30_000, signal });
  },
};

/**
 * The system user that services run as under root: no password, no home, no login shell. Idempotent, also when two make it at once: useradd then
 * refuses one of them, because the other holds the list of users or has just written the name into it.
 * @throws CliError PREFLIGHT_FAILED when the name is root's own; INSTALL_FAILED when useradd is missing or made nobody.
 */
export async function ensureSystemUser(
  name: string,
  signal: AbortSignal,
  accounts: UserAccounts = MACHINE,
): Promise<Identity> {
  const known = accounts.find(name);
  if (known?.uid === 0) {
    throw new CliError("PREFLIGHT_FAILED", {
      message: `Services cannot run as ${name}: Postgres refuses to run as root.`,
      hint: "Set ELK_OS_SERVICE_USER to an unprivileged user, or leave it out.",
    });
  }
  if (known !== null) return known;
  try {
    await accounts.make(name, signal);
  } catch (error) {
    signal.throwIfAborted();
    const limits = { timeoutMs: OTHER_MAKER_MS, intervalMs: OTHER_MAKER_POLL_MS, signal };
    const byAnother = isRefusal(error) ? await waitFor(() => accounts.find(name), limits) : null;
    if (byAnother === null) throw error;
    return byAnother;
  }
  const made = accounts.find(name);
  if (made !== null) return made;
  throw new CliError("PREFLIGHT_FAILED", {
    message: `useradd made ${name}, but /etc/passwd does not list it.`,
    hint: "Make the user by hand, or set ELK_OS_SERVICE_USER to an existing one.",
  });
}

/** useradd(8): 1 and 10, the list of users or of groups cannot be locked or written; 9, the name is in use. */
function isRefusal(error: unknown): boolean {
  return error instanceof CliError && [1, 9, 10].includes(Number(error.facts["exitCode"]));
}
