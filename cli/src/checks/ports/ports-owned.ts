import { listenersOn } from "../../host/sockets.ts";
import { driverStatus } from "../../identity/service-identity.ts";
import { type Check, fail, pass } from "../check.ts";

/** PORT-01. */
export const portsOwned: Check = {
  id: "PORT-01",
  title: "Each port is held by the process that the driver recorded for it",
  severity: "error",
  dependsOn: ["CONF-01"],
  timeoutMs: 5_000,
  async probe(stack) {
    const services = await driverStatus(stack);
    for (const { service, host, port, pid, holderPid, networkPid } of services) {
      const owners = listenersOn(port, networkPid).flatMap((listener) => listener.owners);
      if (holderPid !== null && owners.some((owner) => owner.pid === holderPid)) continue;
      const holder = owners[0];
      const record = pid === null ? `${service} does not run` : `not by ${service} (pid ${pid})`;
      return fail(
        holder === undefined
          ? `${host}:${port} has no listener; ${record}`
          : `${host}:${port} is held by pid ${holder.pid} ${holder.exe ?? ""}, ${record}`,
      );
    }
    return pass(services.map(({ service, port, holderPid }) => `${port} ${service} pid ${holderPid}`).join(", "));
  },
  fix: { summary: "stop the process that is named, then: elk-os up --only up" },
};

/** PORT-02. A stranger on ::1 or 0.0.0.0 of the same port would answer those who say "localhost". */
export const portsExclusive: Check = {
  id: "PORT-02",
  title: "Nobody else listens on our ports on any address that means this machine",
  severity: "error",
  dependsOn: [],
  timeoutMs: 5_000,
  async probe(stack) {
    const services = await driverStatus(stack);
    for (const { port, holderPid: pid, networkPid, service } of services) {
      for (const { address, owners } of listenersOn(port, networkPid)) {
        const stranger = owners.find((owner) => owner.pid !== pid);
        if (stranger !== undefined && !owners.some((owner) => owner.pid === pid)) {
          return fail(
            `pid ${stranger.pid} ${stranger.exe ?? ""} listens on ${address} port ${port}, the port of ${service}`,
          );
        }
      }
    }
    return pass(`ports ${services.map(({ port }) => port).join(", ")}`);
  },
  fix: { summary: "stop the process that is named, or give the service another port (elk-os config)" },
};
