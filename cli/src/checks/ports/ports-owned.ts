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
    for (const { service, port, pid } of services) {
      const owners = listenersOn(port).flatMap((listener) => listener.owners);
      if (owners.some((owner) => owner.pid === pid)) continue;
      const holder = owners[0];
      const record = pid === null ? `${service} does not run` : `not by ${service} (pid ${pid})`;
      return fail(
        holder === undefined
          ? `127.0.0.1:${port} has no listener; ${record}`
          : `127.0.0.1:${port} is held by pid ${holder.pid} ${holder.exe ?? ""}, ${record}`,
      );
    }
    return pass(services.map(({ service, port, pid }) => `${port} ${service} pid ${pid}`).join(", "));
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
    for (const { port, pid, service } of services) {
      for (const { address, owners } of listenersOn(port)) {
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
