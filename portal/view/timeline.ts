/** Claims as lanes of bars: where each lies, what ended it, and who took over from whom. Pure. */
import type { Ember } from "./ember.ts";
import { claimLook, type StateLook } from "./states.ts";
import { type TimeScale, timeScale } from "./time-scale.ts";

export interface ClaimFacts {
  readonly task: number;
  readonly attempt: number;
  readonly epoch: number;
  readonly kind: "work" | "review";
  readonly agent: string | null;
  readonly model_family: string | null;
  readonly claimed_at: Date;
  readonly ended_at: Date | null;
  readonly ended_by: string | null;
  readonly outcome: string | null;
  readonly heartbeat_at: Date | null;
  readonly expires_at: Date | null;
  readonly ember: Ember | null;
}

export interface SignFacts {
  readonly task: number;
  readonly agent: string | null;
  readonly at: Date;
}

export interface Bar {
  readonly claim: ClaimFacts;
  /** "#58 e2": what fits is shown. */
  readonly label: string;
  readonly look: StateLook;
  readonly x0: number;
  readonly x1: number;
  /** Row inside the lane: claims held at once lie below each other. */
  readonly row: number;
  /** Where writes and notes fell. */
  readonly signs: readonly number[];
  /** Where the last heartbeat of a held claim fell: the board keeps no earlier one. Null: ended, or held without a lease. */
  readonly beatAt: number | null;
  /** From here on the holder was silent; null: not cold. */
  readonly silentFrom: number | null;
  /** End of the lease right of now; null: not held. */
  readonly leaseTo: number | null;
}

export interface Lane {
  readonly agent: string;
  readonly family: string | null;
  readonly bars: readonly Bar[];
  readonly rows: number;
  /** Between two claims of the first row: nobody of this name held anything. */
  readonly idle: readonly { readonly x0: number; readonly x1: number; readonly y: number }[];
  /** From the top of the first lane, in pixels. */
  readonly y: number;
  readonly height: number;
}

/** From the end of one claim to the start of the claim that took its task over. */
export interface Takeover {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface TimelinePicture {
  readonly scale: TimeScale;
  readonly lanes: readonly Lane[];
  readonly takeovers: readonly Takeover[];
  readonly nowX: number;
  readonly height: number;
}

export const BAR_HEIGHT = 26;
export const ROW_PITCH = 34;
const LANE_PADDING = 24;
const PERSON = "a person";
/** Room right of now, so that the picture does not end in the middle of a lease. */
const TAIL_MS = 5 * 60_000;
const TAKEN_FROM = new Set(["expired", "fenced"]);

export interface PictureOptions {
  readonly now: Date;
  /** Start of the stretch; the first claim where it is later. */
  readonly since: Date;
  readonly isCompressed: boolean;
}

export function timelinePicture(
  claims: readonly ClaimFacts[],
  signs: readonly SignFacts[],
  { now, since, isCompressed }: PictureOptions,
): TimelinePicture {
  const starts = claims.map(({ claimed_at }) => claimed_at.getTime());
  const from = Math.max(since.getTime(), Math.min(now.getTime(), ...starts) - TAIL_MS);
  const leaseEnds = claims.flatMap(({ ended_at, expires_at }) =>
    ended_at === null && expires_at !== null ? [expires_at.getTime()] : [],
  );
  const to = Math.max(now.getTime() + TAIL_MS, ...leaseEnds.map((end) => end + TAIL_MS / 5));
  const busy = claims.map(({ claimed_at, ended_at }) => ({
    from: Math.max(from, claimed_at.getTime()),
    to: (ended_at ?? now).getTime(),
  }));
  const scale = timeScale({ from, to, busy: [...busy, { from: now.getTime(), to }], isCompressed });
  const lanes = layLanes(claims, signs, scale, now);
  const last = lanes.at(-1);
  return {
    scale,
    lanes,
    takeovers: findTakeovers(lanes),
    nowX: scale.x(now.getTime()),
    height: last === undefined ? 0 : last.y + last.height,
  };
}

function layLanes(
  claims: readonly ClaimFacts[],
  signs: readonly SignFacts[],
  scale: TimeScale,
  now: Date,
): readonly Lane[] {
  const byAgent = Map.groupBy(claims, ({ agent }) => agent ?? PERSON);
  let y = 0;
  return [...byAgent.entries()]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([agent, held]) => {
      const bars = layBars(held, signs, scale, now);
      const rows = Math.max(1, ...bars.map(({ row }) => row + 1));
      const height = rows * ROW_PITCH + LANE_PADDING;
      const lane = { agent, family: held[0]?.model_family ?? null, bars, rows, idle: [], y, height };
      y += height;
      return { ...lane, idle: findIdle(lane) };
    });
}

function layBars(
  claims: readonly ClaimFacts[],
  signs: readonly SignFacts[],
  scale: TimeScale,
  now: Date,
): readonly Bar[] {
  const ends: number[] = [];
  return claims
    .toSorted((a, b) => a.claimed_at.getTime() - b.claimed_at.getTime())
    .map((claim) => {
      const from = claim.claimed_at.getTime();
      const to = (claim.ended_at ?? now).getTime();
      const free = ends.findIndex((end) => end <= from);
      const row = free === -1 ? ends.length : free;
      ends[row] = to;
      const { ember } = claim;
      const isSilent = ember !== null && (ember.state === "cold" || ember.state === "expired");
      return {
        claim,
        label: labelOf(claim),
        look: claimLook(claim.ended_by, claim.outcome, claim.kind),
        x0: scale.x(from),
        x1: Math.max(scale.x(from) + 3, scale.x(to)),
        row,
        signs: signs
          .filter(({ task, agent, at }) => {
            const instant = at.getTime();
            return task === claim.task && agent === claim.agent && instant > from && instant <= to;
          })
          .map(({ at }) => scale.x(at.getTime())),
        beatAt: ember === null || claim.heartbeat_at === null ? null : scale.x(claim.heartbeat_at.getTime()),
        silentFrom: isSilent && claim.heartbeat_at !== null ? scale.x(claim.heartbeat_at.getTime()) : null,
        leaseTo: ember === null || claim.expires_at === null ? null : scale.x(claim.expires_at.getTime()),
      };
    });
}

function labelOf({ task, epoch, attempt, kind }: ClaimFacts): string {
  const tries = attempt > 1 ? ` try ${attempt}` : "";
  return kind === "review" ? `#${task} review` : epoch > 1 ? `#${task} e${epoch}${tries}` : `#${task}`;
}

/** Shorter stretches are no picture of idleness. */
const IDLE_PX = 8;

function findIdle(lane: Lane): Lane["idle"] {
  const found: { x0: number; x1: number; y: number }[] = [];
  let until: number | null = null;
  for (const bar of lane.bars.toSorted((a, b) => a.x0 - b.x0)) {
    if (until !== null && bar.x0 - until > IDLE_PX) {
      found.push({ x0: until + 2, x1: bar.x0 - 2, y: barMiddle(lane, { row: 0 }) });
    }
    until = Math.max(until ?? 0, bar.x1);
  }
  return found;
}

/** Middle of a bar, measured from the top of the first lane. */
export function barMiddle(lane: Lane, bar: Pick<Bar, "row">): number {
  return lane.y + LANE_PADDING / 2 + bar.row * ROW_PITCH + BAR_HEIGHT / 2 + 4;
}

function findTakeovers(lanes: readonly Lane[]): readonly Takeover[] {
  const spots = lanes.flatMap((lane) => lane.bars.map((bar) => ({ lane, bar })));
  const lost = spots.filter(({ bar }) => TAKEN_FROM.has(bar.claim.ended_by ?? ""));
  return lost.flatMap(({ lane, bar }) => {
    const next = spots
      .filter((spot) => spot.bar.claim.task === bar.claim.task && spot.bar.claim.epoch > bar.claim.epoch)
      .toSorted((a, b) => a.bar.claim.epoch - b.bar.claim.epoch)[0];
    if (next === undefined) return [];
    return [{ x0: bar.x1, y0: barMiddle(lane, bar), x1: next.bar.x0, y1: barMiddle(next.lane, next.bar) }];
  });
}
