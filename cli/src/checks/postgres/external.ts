import { z } from "zod";
import { askExternal, hasSessions } from "../../database/ask-external.ts";
import { type ExternalFacts, readExternalFacts } from "../../database/external-facts.ts";
import { findMissingRights, findUnfit } from "../../database/judge-external.ts";
import { administratorOf, loginOf } from "../../database/logins.ts";
import { type HostSeen, onWritable, surveyHosts, waysTo } from "../../database/look.ts";
import { readSql } from "../../drivers/embedded/read-sql.ts";
import { type Check, type Finding, fail, pass, skip } from "../check.ts";

const standbyRow = z.object({
  application_name: z.string(),
  state: z.string().nullable(),
  sync_state: z.string().nullable(),
  behind_bytes: z.string().nullable(),
});

export interface ExternalSight {
  readonly facts: ExternalFacts;
  /** Does the administrator have a session, and have the services one? */
  readonly sessions: { readonly administrator: boolean; readonly services: boolean };
  readonly hosts: readonly HostSeen[];
  readonly standbys: readonly z.infer<typeof standbyRow>[];
}

/** PG-12. */
export const externalSound: Check = {
  id: "PG-12",
  title:
    "A Postgres that runs elsewhere is the one primary, lets us do our work, and tells one session what another says",
  severity: "error",
  dependsOn: ["ID-01"],
  timeoutMs: 30_000,
  async probe({ config, secrets }) {
    const administrator = administratorOf(config);
    if (administrator === null) return skip("the instance runs a Postgres of its own (ELK_OS_DATABASE_URL is unset)");
    const ways = waysTo(config);
    const seen = await onWritable(ways.sessions, (only) =>
      askExternal(only, administrator, async (client, connect) => ({
        facts: await readExternalFacts(client),
        standbys: z.array(standbyRow).parse((await client.query(readSql("external.replication"))).rows),
        isSession: await hasSessions(client, await connect()),
      })),
    );
    const portal = loginOf("muster_portal", secrets, null);
    const hasServiceSessions =
      ways.services === ways.sessions
        ? seen.isSession
        : await onWritable(ways.services, (only) =>
            askExternal(only, portal, async (client, connect) => hasSessions(client, await connect())),
          );
    return judgeExternal({
      facts: seen.facts,
      standbys: seen.standbys,
      sessions: { administrator: seen.isSession, services: hasServiceSessions },
      hosts: await surveyHosts(ways.sessions, administrator),
    });
  },
  fix: {
    summary:
      "docs/external-postgres.md says what each line means; after a failover that lost writes: elk-os failover --yes",
  },
};

/** Pure. */
export function judgeExternal({ facts, sessions, hosts, standbys }: ExternalSight): Finding {
  const problems = [...findUnfit(facts), ...findMissingRights(facts, [])];
  const writable = hosts.filter(({ state }) => state === "takes writes").map(({ name }) => name);
  if (writable.length > 1)
    problems.unshift(`${writable.join(" and ")} both take writes: one of them holds another board.`);
  if (!sessions.administrator)
    problems.push(
      "The administrator comes through a transaction pooler; ELK_OS_DATABASE_LISTEN_URL names a way past it.",
    );
  if (facts.missing_roles.length > 0) problems.push(`The roles ${facts.missing_roles.join(", ")} do not exist.`);
  const evidence = [
    hosts.map(({ name, state }) => `${name} ${state}`).join(", "),
    sessions.services ? "LISTEN and NOTIFY arrive" : "services come through a transaction pooler: they poll",
    describeStandbys(facts, standbys),
  ].join("; ");
  return problems.length === 0 ? pass(evidence) : fail(`${problems.join(" ")} (${evidence})`);
}

function describeStandbys(facts: ExternalFacts, standbys: ExternalSight["standbys"]): string {
  const seen = standbys.map(({ application_name: name, state, sync_state: kind, behind_bytes: behind }) =>
    state === null ? `${name}, hidden from our login` : `${name} ${state} ${kind}, ${behind ?? "?"} bytes behind`,
  );
  const waits = facts.synchronous_standby_names !== "" && !["off", "local"].includes(facts.synchronous_commit);
  const promise = waits
    ? "a commit waits for a standby"
    : "a commit waits for no standby: a failover can lose the last of them";
  return `${seen.length === 0 ? "no standby follows" : seen.join(", ")}; ${promise}`;
}
