import { listenersOn } from "../../host/sockets.ts";
import { driverStatus } from "../../identity/service-identity.ts";
import { LOOPBACK } from "../../services/service-def.ts";
import { queryRows } from "../../stack/sql.ts";
import { type Check, fail, pass } from "../check.ts";

interface InstanceRow {
  readonly instance_id: string;
  readonly system_identifier: string | null;
}

/**
 * ID-01. SCRAM is mutual: the login succeeds only with a server that knows our verifier. The instance row and the
 * system identifier then tell a copied or exchanged data folder; the socket's owner binds it all to our process.
 */
export const postgresIdentity: Check = {
  id: "ID-01",
  title: "Postgres is ours: mutual SCRAM, its instance row, and the recorded process owns the port",
  severity: "error",
  dependsOn: ["CONF-01", "SEC-01"],
  timeoutMs: 10_000,
  async probe(stack) {
    const { connections } = stack;
    const status = (await driverStatus(stack)).find(({ service }) => service === "postgres");
    const { host, port, networkPid } = status ?? { host: LOOPBACK, port: stack.config.postgresPort, networkPid: null };
    const recorded = status?.holderPid ?? null;
    let identifier: string;
    try {
      const [server] = await queryRows<{ system_identifier: string }>(connections, "postgres", "server.facts");
      identifier = server?.system_identifier ?? "none";
    } catch (error) {
      const holder = listenersOn(port, networkPid).flatMap((listener) => listener.owners)[0];
      const isStranger = holder !== undefined && holder.pid !== recorded;
      return fail(
        `${host}:${port}: ${error instanceof Error ? error.message : String(error)}${isStranger ? `; held by pid ${holder.pid} ${holder.exe ?? ""}` : ""}`,
        { verdict: isStranger ? "IMPOSTOR" : "UNREACHABLE" },
      );
    }
    const owners = listenersOn(port, networkPid).flatMap((listener) => listener.owners.map((owner) => owner.pid));
    if (recorded === null || !owners.includes(recorded)) {
      return fail(
        `${host}:${port} is owned by pid ${owners.join(", ") || "unknown"}, recorded is ${recorded ?? "none"}`,
        { verdict: "ZOMBIE" },
      );
    }
    const row = await findInstanceRow(stack);
    const instance = stack.instance().instanceId;
    if (row !== null && (row.instance_id !== instance || (row.system_identifier ?? identifier) !== identifier)) {
      return fail(`the data belongs to instance ${row.instance_id}, system id ${row.system_identifier}`, {
        verdict: "WRONG_INSTANCE",
        expected: `${instance}, system id ${identifier}`,
      });
    }
    return pass(
      `${host}:${port}: system id ${identifier}, ${row === null ? "no instance row yet" : "instance row ours"}, pid ${recorded}`,
    );
  },
  fix: { summary: "put the right data folder back, or restore a backup; then: elk-os up --only up" },
};

async function findInstanceRow({ connections }: Parameters<Check["probe"]>[0]): Promise<InstanceRow | null> {
  const [schema] = await queryRows<{ present: boolean }>(connections, "postgres", "schema.exists", ["muster"]);
  if (schema?.present !== true) return null;
  const [row] = await queryRows<InstanceRow & { incarnation: number }>(connections, "postgres", "instance.find");
  return row ?? null;
}
