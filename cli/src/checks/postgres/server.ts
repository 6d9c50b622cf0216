import { DATABASE_ROLES, type DatabaseRole } from "../../stack/database-roles.ts";
import { queryRows } from "../../stack/sql.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** The one major version that both drivers run (docs/adr/0004). */
export const WANTED_MAJOR = 18;
/** Transactions. Autovacuum freezes from 200 million on; at 2^31 Postgres stops taking writes. Half way, it is not at work. */
const OLD_XID = 1_000_000_000;

export interface ServerFacts {
  readonly version_number: number;
  readonly data_checksums: string;
  readonly listen_addresses: string;
  readonly password_encryption: string;
  readonly checksum_failures: number;
  /** "on" when the setting and the statistics that it lives on are. */
  readonly autovacuum: string;
  /** Null: our login may not see it. */
  readonly has_launcher: boolean | null;
  /** Age of the oldest transaction id, or multixact id, of any database. */
  readonly xid_age: number;
  readonly locale: string;
}

async function serverFacts({ facts, connections }: Parameters<Check["probe"]>[0]): Promise<ServerFacts> {
  return facts.once("postgres:server", async () => {
    const [row] = await queryRows<ServerFacts>(connections, "postgres", "server.facts");
    if (row === undefined) throw new Error("server.facts.sql answered no row");
    return row;
  });
}

/** PG-01. */
export const appRolesConnect: Check = {
  id: "PG-01",
  title: "Every role of ours opens the database over TCP with its own password",
  severity: "error",
  dependsOn: ["ID-01"],
  timeoutMs: 10_000,
  async probe({ connections }) {
    const roles = Object.keys(DATABASE_ROLES) as DatabaseRole[];
    for (const role of roles) {
      try {
        const [row] = await queryRows<{ role: string }>(connections, role, "connection.probe");
        if (row?.role !== connections.userOf(role)) return fail(`${role} was logged in as ${row?.role}`);
      } catch (error) {
        return fail(`${role}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return pass(roles.join(", "));
  },
  fix: { summary: "elk-os secrets check --fix sets the roles' passwords from the secrets" },
};

/** PG-02. */
export const wantedVersion: Check = {
  id: "PG-02",
  title: `Postgres is major version ${WANTED_MAJOR}`,
  severity: "error",
  dependsOn: ["ID-01"],
  timeoutMs: 5_000,
  async probe(stack) {
    const { version_number, locale } = await serverFacts(stack);
    return judgeVersion(version_number, locale);
  },
  fix: { summary: "restore a backup into a new state folder made by this release" },
};

/** `version` as server_version_num says it: 180004 is 18.4. */
export function judgeVersion(version: number, locale: string): Finding {
  const major = Math.floor(version / 10_000);
  const evidence = `Postgres ${major}.${version % 10_000}, locale ${locale}`;
  return major === WANTED_MAJOR ? pass(evidence) : fail(evidence, { expected: `${WANTED_MAJOR}`, actual: `${major}` });
}

/** PG-08. */
export const checksumsHold: Check = {
  id: "PG-08",
  title: "Data checksums are on and none has failed, passwords are scram, autovacuum lives, no transaction id is old",
  severity: "warning",
  dependsOn: ["ID-01"],
  timeoutMs: 5_000,
  probe: async (stack) => judgeUpkeep(await serverFacts(stack)),
  fix: {
    summary:
      "a failed checksum means damaged storage: take a backup now and look at the disk; else undo the setting in psql (alter system reset), then elk-os logs postgres",
  },
};

export type UpkeepFacts = Pick<
  ServerFacts,
  "data_checksums" | "checksum_failures" | "password_encryption" | "autovacuum" | "has_launcher" | "xid_age"
>;

export function judgeUpkeep(facts: UpkeepFacts): Finding {
  const { data_checksums, checksum_failures, password_encryption, autovacuum, has_launcher, xid_age } = facts;
  const launcher =
    has_launcher === null
      ? "its launcher hidden from our login"
      : has_launcher
        ? "its launcher lives"
        : "no launcher lives";
  const evidence = `data_checksums ${data_checksums}, ${checksum_failures} failures, passwords ${password_encryption}, autovacuum ${autovacuum}, ${launcher}, oldest transaction id ${xid_age} ago`;
  const isWell =
    data_checksums === "on" &&
    checksum_failures === 0 &&
    password_encryption === "scram-sha-256" &&
    autovacuum === "on" &&
    has_launcher !== false &&
    xid_age < OLD_XID;
  return isWell ? pass(evidence) : fail(evidence, { expected: `all on, 0 failures, an age below ${OLD_XID}` });
}

/** SEC-12. */
export const rolesAreModest: Check = {
  id: "SEC-12",
  title: "No role of ours is superuser or may make roles, databases or replicas",
  severity: "error",
  dependsOn: ["ID-01"],
  timeoutMs: 5_000,
  async probe({ connections }) {
    const roles = await queryRows<Record<string, boolean> & { role: string }>(
      connections,
      "postgres",
      "roles.attributes",
    );
    for (const { role, ...rights } of roles) {
      const held = Object.entries(rights).filter(([, has]) => has === true);
      if (held.length > 0) return fail(`${role} has ${held.map(([name]) => name).join(", ")}`);
    }
    return roles.length === 0 ? fail("no role of ours exists") : pass(roles.map(({ role }) => role).join(", "));
  },
  fix: { summary: "take the right away again as the Postgres superuser, and find out who gave it" },
};
