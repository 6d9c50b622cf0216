import { currentBootId } from "../../../host/process-table.ts";
import type { ServiceId } from "../../../services/service-def.ts";
import { Child } from "./child.ts";
import { openChores } from "./chores.ts";
import type { LaunchSpec } from "./launch-spec.ts";
import type { SupervisorReply, SupervisorRequest } from "./protocol.ts";
import type { Records } from "./records.ts";

/** Log sizes are looked at this often; at a very loud 1 MB/s a log passes its limit by a quarter at most. */
const HOUSEKEEPING_MS = 15_000;

export interface Supervisor {
  /** Requests are carried out one after the other. */
  handle(request: SupervisorRequest): Promise<SupervisorReply>;
  /** Resolves when a shutdown or release has been carried out. */
  readonly finished: Promise<void>;
}

/** Takes over what the records say and keeps it running. Knows nothing of sockets or of what a service is. */
export function createSupervisor(records: Records): Supervisor {
  const children = new Map<ServiceId, Child>();
  for (const record of records.readChildren()) {
    // After a reboot nothing runs, and `up` starts the services in their order; together they would trip over each other.
    if (record.bootId !== currentBootId()) records.removeChild(record.service);
    else children.set(record.service, Child.adopt(records, record));
  }

  const chores = openChores(records);

  const finished = Promise.withResolvers<void>();
  const housekeeping = setInterval(() => {
    // A state folder that was deleted by hand must not leave its processes behind.
    if (!records.exists()) void handle({ op: "shutdown" });
    else for (const rotating of [...children.values(), chores]) rotating.rotate();
  }, HOUSEKEEPING_MS);

  const inOrder = () => [...children.values()].sort((a, b) => a.record.order - b.record.order);
  const answer = (changed: boolean): SupervisorReply => ({
    ok: true,
    changed,
    children: inOrder().map((child) => child.record),
  });

  const finish = () => {
    clearInterval(housekeeping);
    finished.resolve();
  };

  async function start(spec: LaunchSpec): Promise<boolean> {
    const known = children.get(spec.service);
    if (known !== undefined) {
      const { state, inputHash } = known.record;
      if (state === "running" && inputHash === spec.inputHash) return false;
      await known.stop();
    }
    const order = known?.record.order ?? Math.max(-1, ...inOrder().map((child) => child.record.order)) + 1;
    children.set(spec.service, await Child.start(records, spec, order));
    return true;
  }

  async function stop(service: ServiceId): Promise<boolean> {
    const child = children.get(service);
    if (child === undefined) return false;
    await child.stop();
    children.delete(service);
    return true;
  }

  async function carryOut(request: SupervisorRequest): Promise<SupervisorReply> {
    switch (request.op) {
      case "status":
        return answer(false);
      case "start":
        return answer(await start(request.spec));
      case "stop":
        return answer(await stop(request.service));
      case "schedule":
        return answer(await chores.schedule(request.chores));
      case "shutdown": {
        const running = inOrder().reverse();
        // Side by side: a chore that ends slowly holds up no service.
        const ended = chores.stop();
        for (const child of running) await stop(child.record.service);
        await ended;
        finish();
        return answer(running.length > 0);
      }
      case "release":
        for (const child of children.values()) child.release();
        await chores.release();
        finish();
        return answer(false);
    }
  }

  let queue: Promise<unknown> = Promise.resolve();
  function handle(request: SupervisorRequest): Promise<SupervisorReply> {
    // A status must not wait for a slow stop.
    if (request.op === "status") return carryOut(request);
    const turn = queue.then(() => carryOut(request));
    queue = turn.catch(() => undefined);
    return turn;
  }

  return { handle, finished: finished.promise };
}
