/** Line charts as SVG text, for bench/results: axes in powers of ten, one colour and one marker to a line, values in the title of each point. */
export interface Line {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}
interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Line[];
}

const WIDTH = 720;
const HEIGHT = 420;
const PLOT = { left: 70, right: 500, top: 50, bottom: 360 } as const;
/** Told apart in grey too, together with the dashes. */
const STROKES = ["#b3470f", "#1f4e79", "#4a7c3a", "#6b4a8a", "#8a6d1f", "#444444", "#9c2f5f"] as const;
const DASHES = ["", "6 3", "2 3", "9 3 2 3", "12 4", "1 4", "4 2"] as const;

const quoted = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const label = (value: number) => (value >= 1000 ? `${value / 1000}k` : String(value));

/** Powers of ten that enclose the values. */
function decades(values: readonly number[]): readonly number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/** Both axes are logarithmic; values must be above zero. */
export function drawChart({ title, x, y, lines }: Chart): string {
  const points = lines.flatMap((line) => line.points);
  const xTicks = decades(points.map(([value]) => value));
  const yTicks = decades(points.map(([, value]) => value));
  const place = (value: number, ticks: readonly number[], from: number, to: number) => {
    const [low, high] = [Math.log10(ticks[0] ?? 1), Math.log10(ticks.at(-1) ?? 10)];
    return Math.round((from + ((Math.log10(value) - low) / (high - low)) * (to - from)) * 10) / 10;
  };
  const left = (value: number) => place(value, xTicks, PLOT.left, PLOT.right);
  const top = (value: number) => place(value, yTicks, PLOT.bottom, PLOT.top);
  const text = (at: readonly [number, number], body: string, anchor = "start") =>
    `<text x="${at[0]}" y="${at[1]}" text-anchor="${anchor}">${quoted(body)}</text>`;
  const grid = [
    ...xTicks.flatMap((tick) => [
      `<path d="M${left(tick)} ${PLOT.top}V${PLOT.bottom}" class="grid"/>`,
      text([left(tick), PLOT.bottom + 18], label(tick), "middle"),
    ]),
    ...yTicks.flatMap((tick) => [
      `<path d="M${PLOT.left} ${top(tick)}H${PLOT.right}" class="grid"/>`,
      text([PLOT.left - 8, top(tick) + 4], label(tick), "end"),
    ]),
  ];
  const drawn = lines.map(({ name, points: of }, index) => {
    const stroke = STROKES[index % STROKES.length] ?? "#000";
    const path = of.map(([a, b], at) => `${at === 0 ? "M" : "L"}${left(a)} ${top(b)}`).join("");
    const dots = of.map(
      ([a, b]) => `<circle cx="${left(a)}" cy="${top(b)}" r="3.5"><title>${quoted(name)}: ${a}, ${b}</title></circle>`,
    );
    const key = PLOT.top + 10 + index * 20;
    return `<g stroke="${stroke}" fill="${stroke}"><path d="${path}" class="line" stroke-dasharray="${DASHES[index % DASHES.length] ?? ""}"/>${dots.join("")}<path d="M515 ${key}h24" class="line" stroke-dasharray="${DASHES[index % DASHES.length] ?? ""}"/></g>${text([545, key + 4], name)}`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${quoted(title)}">
<style>text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd}.line{fill:none;stroke-width:2}</style>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text([PLOT.left, 28], title)}
${grid.join("\n")}
${text([(PLOT.left + PLOT.right) / 2, HEIGHT - 18], x, "middle")}
<g transform="rotate(-90 18 205)">${text([18, 205], y, "middle")}</g>
${drawn.join("\n")}
</svg>
`;
}
