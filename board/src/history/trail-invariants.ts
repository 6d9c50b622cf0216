/** What was told and what is kept: I5, I7, I8, I13–I19, I21. */
import { isDeepStrictEqual } from "node:util";
import type { Call, History } from "./history.ts";
import { GRANTING, isGrant, replay } from "./replay.ts";

type Check = (history: History) => readonly string[];

/** Accepted, about a task, and told a version. */
interface Accepted extends Call {
  readonly task: string;
  readonly version: number;
}
const accepted = ({ calls }: History): readonly Accepted[] =>
  calls.filter((call): call is Accepted => call.result === "accepted" && call.task !== null && call.version !== null);

/** A claim that found nothing is no outcome that the board keeps: the same operation may find something later. */
const isKept = ({ op, result, verb, task }: Call): boolean =>
  op !== null && result === "accepted" && (task !== null || !GRANTING.includes(verb));

export const realTimeOrder: Check = (history) =>
  [...Map.groupBy(accepted(history), ({ task }) => task)].flatMap(([task, calls]) => {
    const answers = calls
      .filter(({ answered }) => answered !== null)
      .toSorted((a, b) => (a.answered ?? 0) - (b.answered ?? 0));
    let at = 0;
    let latest: Accepted | undefined;
    return calls
      .toSorted((a, b) => a.asked - b.asked)
      .flatMap((call) => {
        for (let next = answers[at]; next !== undefined && (next.answered ?? 0) < call.asked; next = answers[at]) {
          if (latest === undefined || next.version > latest.version) latest = next;
          at += 1;
        }
        const isRepeat = call.op !== null && calls.some((other) => other !== call && other.op === call.op);
        return latest === undefined || call.version > latest.version || isRepeat
          ? []
          : [`${task}: version ${latest.version} was answered before version ${call.version} was asked for`];
      });
  });

export const gapless: Check = ({ board }) => {
  const last = new Map(board.tasks.map(({ id, row }) => [id, row["version"]]));
  return [...Map.groupBy(board.events, ({ entity, entityId }) => `${entity} ${entityId}`)].flatMap(([key, events]) => {
    const versions = events.map(({ version }) => version).toSorted((a, b) => a - b);
    if (versions.some((version, index) => version !== index + 1)) return [`${key} has a gap in its versions`];
    const [first] = events;
    const wanted = first?.entity === "os_tasks" ? last.get(first.entityId) : undefined;
    return wanted === undefined || wanted === versions.length
      ? []
      : [`${key} is at version ${String(wanted)} but has ${versions.length} events`];
  });
};

export const foldsToRow: Check = ({ board }) => {
  const rows = new Map(board.tasks.map(({ id, row }) => [id, row]));
  return replay(board).flatMap(({ task, steps }) => {
    const row = rows.get(task);
    const broken = steps.find(
      ({ event, was }) =>
        was !== null &&
        Object.entries(event.before ?? {}).some(([key, value]) => !isDeepStrictEqual(was[key] ?? null, value)),
    );
    if (broken !== undefined)
      return [`${task}: version ${broken.event.version} did not start from the version before it`];
    return row === undefined || isDeepStrictEqual(steps.at(-1)?.becomes, row)
      ? []
      : [`${task}: its events do not make its row`];
  });
};

/** Until when a holder was told that its lease lasts; NaN when the answer named no time. */
function toldLeaseEnd({ answer }: Call): number {
  const parsed: unknown = answer === null ? null : JSON.parse(answer);
  return Date.parse(String(Reflect.get(Object(parsed), "lease_expires_at")));
}

/** A heartbeat that was answered holds its claim until the time in the answer. */
const cutShort = ({ calls, board }: History): readonly string[] => {
  const expired = new Map(
    board.claims.filter(({ endedBy }) => endedBy === "expired").map((c) => [`${c.task} ${c.epoch}`, c]),
  );
  return calls.flatMap((call) => {
    const claim = expired.get(`${call.task} ${call.fence}`);
    if (call.verb !== "heartbeat" || call.result !== "accepted" || claim === undefined) return [];
    return (claim.endedAt ?? 0) < toldLeaseEnd(call)
      ? [`${call.task}: ${call.client} was told that epoch ${call.fence} lasts, and it expired before`]
      : [];
  });
};

export const nothingAcknowledgedIsLost: Check = (history) => {
  const events = new Map(history.board.events.map((event) => [`${event.entityId} ${event.version}`, event]));
  const operations = new Set(history.board.operations.map(({ op }) => op));
  return [
    ...accepted(history).flatMap(({ client, verb, task, version, epoch }) => {
      const event = events.get(`${task} ${version}`);
      if (event === undefined)
        return [`${task}: ${verb} of ${client} was acknowledged at version ${version} and is gone`];
      return epoch === null || event.epoch === epoch
        ? []
        : [`${task}: ${verb} of ${client} was told epoch ${epoch}, version ${version} has ${event.epoch}`];
    }),
    ...history.calls
      .filter((call) => isKept(call) && !operations.has(call.op ?? ""))
      .map(({ op, verb, client }) => `${verb} ${op} of ${client} was acknowledged and is not recorded`),
    ...cutShort(history),
  ];
};

export const exactlyOnce: Check = (history) => {
  const answers = Map.groupBy(
    history.calls.filter((call) => isKept(call) && call.answer !== null),
    ({ op }) => op,
  );
  const unequal = [...answers].filter(([, calls]) => new Set(calls.map(({ answer }) => answer)).size > 1);
  const owners = new Map<string, string>();
  const shared = accepted(history).flatMap(({ task, version, op, client, verb }) => {
    const key = `${task} version ${version}`;
    const owner = op ?? `${client} ${verb}`;
    const other = owners.get(key);
    owners.set(key, owner);
    return other === undefined || other === owner ? [] : [`${key} is the effect of ${other} and of ${owner}`];
  });
  return [
    ...unequal.map(([op, calls]) => `${op} was answered in ${calls.length} calls, not always the same`),
    ...shared,
  ];
};

export const abandonedComesBack: Check = ({ board, tickMs }) =>
  tickMs === null
    ? []
    : board.leases
        .filter(({ expiresAt }) => expiresAt + board.lockDelayMs + 2 * tickMs < board.readAt)
        .map(
          ({ task }) =>
            `${task} is still held ${Math.round((board.readAt - (board.leases.find((l) => l.task === task)?.expiresAt ?? 0)) / 1000)} s after its lease`,
        );

export const noTaskLost: Check = (history) => {
  const kept = new Set(history.board.tasks.map(({ id }) => id));
  const created = new Set(
    history.board.events
      .filter(({ entity, kind }) => entity === "os_tasks" && kind === "created")
      .map(({ entityId }) => entityId),
  );
  const told = history.calls.flatMap(({ verb, result, task }) =>
    verb === "add_task" && result === "accepted" && task !== null ? [task] : [],
  );
  return [
    ...[...created, ...told].filter((id) => !kept.has(id)).map((id) => `${id} was created and is gone`),
    ...[...kept].filter((id) => !created.has(id)).map((id) => `${id} exists and was never created`),
  ];
};

/** Clients send no times: whatever their clocks say, the board's times are those of one clock, the database's. */
export const databaseClockAlone: Check = ({ board }) =>
  replay(board).flatMap(({ task, steps }) =>
    steps.flatMap((step, index) => {
      const { event } = step;
      const earlier = steps[index - 1]?.event.at ?? Number.NEGATIVE_INFINITY;
      if (event.at < earlier || event.at > board.readAt)
        return [`${task}: version ${event.version} has a time out of order`];
      if (!isGrant(step) || event.origin === "seed") return [];
      const granted = Date.parse(String(event.after["claimed_at"]));
      // Text has microseconds, Date has milliseconds.
      return granted + 1 >= earlier && granted <= event.at + 1
        ? []
        : [`${task}: version ${event.version} was granted at a time of another clock`];
    }),
  );

export const compareAndSet: Check = (history) =>
  accepted(history)
    .filter(({ base, version }) => base !== null && version !== base + 1)
    .map(
      ({ task, base, version, client }) =>
        `${task}: ${client} compared with version ${base} and wrote version ${version}`,
    );

export const earlierTokensRefused: Check = ({ calls, incarnations }) =>
  calls
    .filter(
      ({ incarnation, result, asked }) =>
        result === "accepted" &&
        incarnation !== null &&
        incarnations.some(({ number, since }) => number > incarnation && since < asked),
    )
    .map(
      ({ client, verb, task, incarnation }) =>
        `${task}: ${verb} of ${client} was accepted with a token of incarnation ${incarnation}`,
    );

export const outageTakesNothing: Check = ({ board, outages }) =>
  outages.flatMap(({ from, to, graceMs }) =>
    board.claims
      .filter(
        ({ claimedAt, endedAt, endedBy }) =>
          endedBy === "expired" && claimedAt < from && endedAt !== null && endedAt > from && endedAt < to + graceMs,
      )
      .map(({ task, epoch }) => `${task}: epoch ${epoch} expired because the board was away`),
  );
