/** What a long run consists of. */
import type { DoorName } from "./doors.ts";

export interface Part {
  readonly name: "http" | "sql";
  readonly doors: readonly DoorName[];
  /** At least so many are wanted. */
  readonly attempts: number;
  readonly racers: number;
  /** Of one race. */
  readonly tasks: number;
  readonly spread: number;
  readonly inFlight: number;
  readonly hasKeys: boolean;
}

/** What a long run is for. */
export const GOAL = { attempts: 1_000_000, http: 50_000 } as const;

/**
 * Over HTTP Directus's one thread is what all wait for: each racer has one call on its way, as an agent has. Over SQL a refusal takes less
 * than its way there and back, so that each racer has several on its connection, and there are more of them: the more rivals a task has, the less of the time goes
 * into making tasks and clearing them away. So many that wait for one row after the other would only measure the scheduler, hence larger heaps of
 * tasks in a wider order. No keys there: the record of so many operations would be read after every race. And no sql-next: once all tasks
 * are taken it finds nothing, and nothing is no attempt at a claim.
 */
export function partsOf(
  doors: readonly DoorName[],
  wanted: Readonly<Record<Part["name"], { readonly attempts: number; readonly racers: number }>>,
): readonly Part[] {
  const isHttp = (door: DoorName) => door !== "sql" && door !== "sql-next";
  const parts: readonly Part[] = [
    { name: "http", doors: doors.filter(isHttp), ...wanted.http, tasks: 100, spread: 2, inFlight: 1, hasKeys: true },
    {
      name: "sql",
      doors: doors.filter((door) => door === "sql"),
      ...wanted.sql,
      tasks: 400,
      spread: 200,
      inFlight: 8,
      hasKeys: false,
    },
  ];
  return parts.filter(({ doors: own, attempts }) => own.length > 0 && attempts > 0);
}
