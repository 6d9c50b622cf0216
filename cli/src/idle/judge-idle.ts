import { counted } from "../output/counted.ts";

/** What shows that somebody uses the instance. */
export interface Activity {
  /** Claims whose lease has not run out. */
  readonly leases: number;
  /** When the board was last written; null: never. */
  readonly newestEvent: Date | null;
  /** Start of the service that has run longest. */
  readonly upSince: Date;
  /** The command that holds the state folder's lock, "backup create"; null: none. */
  readonly atWork: string | null;
  readonly now: Date;
}

const MINUTE_MS = 60_000;

/** Why the instance is in use, one line each; empty when it was quiet for that many minutes. Reading leaves no trace and does not count. Pure. */
export function reasonsToStay(activity: Activity, minutes: number): readonly string[] {
  const { leases, newestEvent, upSince, atWork, now } = activity;
  const ago = (at: Date) => Math.max(0, Math.floor((now.getTime() - at.getTime()) / MINUTE_MS));
  // A moment ahead of us is a clock that was set: nobody can say for how long it has been quiet.
  const isRecent = (at: Date) => now.getTime() - at.getTime() < minutes * MINUTE_MS;
  const reasons: string[] = [];
  if (leases > 0) reasons.push(`${counted(leases, "task is", "tasks are")} claimed and the lease runs`);
  if (newestEvent !== null && isRecent(newestEvent))
    reasons.push(`the board was written ${counted(ago(newestEvent), "minute")} ago`);
  if (isRecent(upSince)) reasons.push(`it was started ${counted(ago(upSince), "minute")} ago`);
  if (atWork !== null) reasons.push(`\`elk-os ${atWork}\` is at work`);
  return reasons;
}
