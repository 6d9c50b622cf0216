/** A long run: one race after the other on fresh tasks, until there were enough attempts or the time is up. Bounded in both. */
import { count, type RaceOutcome } from "./race.ts";

export interface LongOptions {
  /** Ends with the race that reaches them. */
  readonly attempts: number;
  /** No race starts later than this. */
  readonly minutes: number;
  /** @param round counts from 1 */
  race(round: number): Promise<RaceOutcome>;
  /** Told after every race. */
  progress(attempts: number, violations: number): void;
}

/** The sum of all races, and how many there were. */
export async function runLong(options: LongOptions): Promise<RaceOutcome & { readonly rounds: number }> {
  const deadline = performance.now() + options.minutes * 60_000;
  const total = { winners: {}, errors: {}, winsByDoor: {}, attemptsByDoor: {} };
  const violations: string[] = [];
  let [attempts, seconds, rounds] = [0, 0, 0];
  while (attempts < options.attempts && performance.now() < deadline) {
    rounds += 1;
    const outcome = await options.race(rounds);
    attempts += outcome.attempts;
    seconds += outcome.seconds;
    violations.push(...outcome.violations);
    addUp(total.winners, outcome.winners);
    addUp(total.errors, outcome.errors);
    addUp(total.winsByDoor, outcome.winsByDoor);
    addUp(total.attemptsByDoor, outcome.attemptsByDoor);
    options.progress(attempts, violations.length);
  }
  return { ...total, violations, attempts, seconds, rounds };
}

function addUp(into: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(from)) count(into, key, value);
}
