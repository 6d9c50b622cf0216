/** Tasks that came and tasks that were verified, as two climbing lines. */

/** Parts of time that the picture has. */
export const PARTS = 96;

export interface BurnCount {
  /** From 1; one more than PARTS for the very end. */
  readonly part: number;
  readonly kind: "created" | "verified";
  readonly tasks: number;
}

export interface BurnLines {
  /** How many there were at the end of each part; PARTS + 1 values, the first is the start. */
  readonly created: readonly number[];
  readonly verified: readonly number[];
}

export function burnLines(counts: readonly BurnCount[]): BurnLines {
  const climb = (kind: BurnCount["kind"]) => {
    let total = 0;
    return Array.from({ length: PARTS + 1 }, (_, part) => {
      for (const count of counts) {
        if (count.kind === kind && Math.min(PARTS, Math.max(0, count.part)) === part) total += count.tasks;
      }
      return total;
    });
  };
  return { created: climb("created"), verified: climb("verified") };
}

/** An SVG path in steps over `width` by `height`, where `most` is the top. */
export function stepPath(values: readonly number[], most: number, width: number, height: number): string {
  const y = (value: number) => Math.round((height - (height * value) / Math.max(1, most)) * 10) / 10;
  const x = (at: number) => Math.round(((width * at) / Math.max(1, values.length - 1)) * 10) / 10;
  return values.map((value, at) => (at === 0 ? `M0 ${y(value)}` : `H${x(at)}V${y(value)}`)).join("");
}
