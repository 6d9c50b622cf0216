/** A long run: one race after the other on fresh tasks, until there were enough attempts or the time is up. Bounded in both, and in memory by one race. */
import { count, type RaceOutcome } from "./race.ts";

export interface LongOptions {
  /** Ends with the race that reaches them, or with the first that is not sound. */
  readonly attempts: number;
  /** No race starts later than this. */
  readonly minutes: number;
  /** @param round counts from 1 */
  race(round: number): Promise<RaceOutcome>;
  /** Told after every race. */
  progress(sum: LongOutcome): void;
}

/** The sum of all races, and how many there were. */
export interface LongOutcome extends RaceOutcome {
  readonly rounds: number;
  /** From the first task that was made to the last one that was cleared away; `seconds` are those of racing alone. */
  readonly wallSeconds: number;
}

export async function runLong(options: LongOptions): Promise<LongOutcome> {
  const started = performance.now();
  const total = { winners: {}, errors: {}, winsByDoor: {}, attemptsByDoor: {} };
  let [attempts, seconds, rounds] = [0, 0, 0];
  let violations: readonly string[] = [];
  const sum = (): LongOutcome => {
    const wallSeconds = (performance.now() - started) / 1000;
    return { ...total, violations, attempts, seconds, rounds, wallSeconds };
  };
  while (attempts < options.attempts && violations.length === 0 && sum().wallSeconds < options.minutes * 60) {
    rounds += 1;
    const outcome = await options.race(rounds);
    attempts += outcome.attempts;
    seconds += outcome.seconds;
    violations = outcome.violations;
    addUp(total.winners, outcome.winners);
    addUp(total.errors, outcome.errors);
    addUp(total.winsByDoor, outcome.winsByDoor);
    addUp(total.attemptsByDoor, outcome.attemptsByDoor);
    options.progress(sum());
  }
  return sum();
}

function addUp(into: Record<string, number>, from: Readonly<Record<string, number>>): void {
  for (const [key, value] of Object.entries(from)) count(into, key, value);
}
