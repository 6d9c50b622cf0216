import pg from "pg";
import { CliError } from "../errors/cli-error.ts";
import { DATABASE_ROLES, type DatabaseRole } from "../stack/database-roles.ts";
import type { Stack } from "../stack/stack.ts";
import { findInstance } from "../state/instance.ts";
import { askExternal } from "./ask-external.ts";
import type { ExternalFacts } from "./external-facts.ts";
import { findMissingRights, findUnfit } from "./judge-external.ts";
import { administratorOf, type Login } from "./logins.ts";
import { type ExternalLook, lookAtExternal, onWritable, waysTo } from "./look.ts";
import type { Upstream } from "./way.ts";

type Place = Pick<Stack, "config" | "paths" | "secrets">;

/**
 * Looks whether the Postgres that the settings name can hold this instance's board, and refuses with all that is missing. Nothing where the
 * instance runs its own. Reads only.
 * @throws CliError DATABASE_UNREACHABLE, DATABASE_UNFIT, DATABASE_RIGHTS_MISSING, DATABASE_OF_ANOTHER
 */
export async function assertDatabaseReady({ config, paths, secrets }: Place): Promise<void> {
  const administrator = administratorOf(config);
  if (administrator === null) return;
  const { sessions } = waysTo(config);
  const { facts, instance, isSession } = await look(sessions, administrator);
  const unfit = [...findUnfit(facts), ...(isSession ? [] : [POOLER])];
  if (unfit.length > 0) {
    throw new CliError("DATABASE_UNFIT", {
      message: unfit.join("\n"),
      hint: isSession
        ? "Name another server in ELK_OS_DATABASE_URL, or have it changed (docs/external-postgres.md)."
        : "Name a way past the pooler: ELK_OS_DATABASE_LISTEN_URL. The services go on through the pooler.",
    });
  }
  const own = findInstance(paths.instance)?.instanceId ?? null;
  if (instance !== null && instance !== own) {
    throw new CliError("DATABASE_OF_ANOTHER", {
      message: `The database holds the board of instance ${instance}; this state folder is ${own === null ? "of none yet" : `of ${own}`}.`,
      hint: "Use that instance's state folder, or another server. If its board may go, drop the database muster there and make it anew.",
      facts: { instance, own },
    });
  }
  const missing = findMissingRights(facts, await lockedRoles(sessions, secrets, facts));
  if (missing.length === 0) return;
  throw new CliError("DATABASE_RIGHTS_MISSING", {
    message: `${administrator.user} lacks:\n${missing.join("\n")}`,
    hint: "elk-os plan --database-sql prints what an administrator of the server runs (after elk-os init); then run the command again.",
    facts: { login: administrator.user, missing },
  });
}

const POOLER =
  "A transaction pooler stands before it: what one connection tells another does not arrive. Migrations and backups need a session.";

async function look(upstream: Upstream, login: Login): Promise<ExternalLook> {
  try {
    return await lookAtExternal(upstream, login);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const isAbsent = cause instanceof pg.DatabaseError && cause.code === "3D000";
    throw new CliError("DATABASE_UNREACHABLE", {
      message: `The Postgres of ELK_OS_DATABASE_URL does not let ${login.user} in: ${why}.`,
      hint: isAbsent
        ? `An administrator makes the database: create database muster owner "${login.user}" encoding 'UTF8' template template0`
        : "Look at host, port, user and password, and at pg_hba.conf of the server; elk-os config says where the setting comes from.",
      cause,
    });
  }
}

/** Roles that exist and that our passwords do not open, asked of the server itself: a pooler has words of its own for it. */
async function lockedRoles(
  upstream: Upstream,
  secrets: Place["secrets"],
  { missing_roles: missing }: ExternalFacts,
): Promise<readonly string[]> {
  const locked = [];
  for (const [role, secret] of Object.entries(DATABASE_ROLES)) {
    if (role === ADMINISTRATOR || missing.includes(role)) continue;
    const opens = async () => {
      const login = { user: role, password: secrets.read(secret) };
      return onWritable(upstream, (only) => askExternal(only, login, async () => true)).catch((error: unknown) => {
        if (!(error instanceof pg.DatabaseError)) throw error;
        // Whom the database does not let in has shown its password by then.
        return !PASSWORD_REFUSED.has(error.code ?? "");
      });
    };
    if (!secrets.has(secret) || !(await opens())) locked.push(role);
  }
  return locked;
}

/** invalid_password, invalid_authorization_specification. */
const PASSWORD_REFUSED: ReadonlySet<string> = new Set(["28P01", "28000"]);
const ADMINISTRATOR: DatabaseRole = "postgres";
