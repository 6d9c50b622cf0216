import { z } from "zod";

const OFFSET = /^([+-])(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/;

/** Milliseconds of an offset such as `-2h10m` or `+45s`; null for anything else. */
export function parseOffsetMs(text: string): number | null {
  const match = OFFSET.exec(text);
  if (match === null || text.length < 2) return null;
  const [, sign, ...amounts] = match;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = amounts.map((amount) => Number(amount ?? 0));
  const size = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
  return sign === "-" ? -size : size;
}

/**
 * An instant in a seed file: ISO 8601 with a zone for history that has a date, or an offset from the moment of seeding
 * (`-2h10m`), so that a demonstration looks alive on the day it is first seeded.
 */
export const seedTime = z
  .string()
  .refine((text) => parseOffsetMs(text) !== null || z.iso.datetime({ offset: true }).safeParse(text).success, {
    error: 'must be an offset such as "-2h10m", or an ISO instant with a zone',
  });

/** Turns a seed time into milliseconds since the epoch. The text was checked by `seedTime`. Pure. */
export function resolveSeedTimeMs(text: string, nowMs: number): number {
  const offset = parseOffsetMs(text);
  return offset === null ? Date.parse(text) : nowMs + offset;
}
