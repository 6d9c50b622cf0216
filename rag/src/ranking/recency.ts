const DAY_MS = 86_400_000;

/** Days after which half of what age can take is taken. Documentation does not age. */
const HALF_LIFE_DAYS: Readonly<Record<string, number>> = { log: 14, board: 30, memory: 180 };
/** The most that age may take from a score; more when the question asks for the newest. */
const LARGEST_LOSS = { usual: 0.05, newest: 0.4 } as const;

/** What a passage is multiplied by for its age, and the parts that say why. */
export interface AgedPassage {
  readonly collection: string;
  /** null: undated, which does not age. */
  readonly atMs: number | null;
  readonly evergreen: boolean;
}

/**
 * Factor in [0.6, 1] for the age of a passage. Age is counted from the newest dated passage, not from the clock: a quiet month
 * changes no answer. Pure.
 */
export function recencyOf(
  { collection, atMs, evergreen }: AgedPassage,
  newestMs: number,
  asksForNewest: boolean,
): number {
  const halfLife = HALF_LIFE_DAYS[collection];
  if (atMs === null || evergreen || halfLife === undefined) return 1;
  const ageDays = Math.max(0, newestMs - atMs) / DAY_MS;
  const loss = asksForNewest ? LARGEST_LOSS.newest : LARGEST_LOSS.usual;
  return 1 - loss * (1 - 2 ** (-ageDays / (asksForNewest ? 45 : halfLife)));
}
