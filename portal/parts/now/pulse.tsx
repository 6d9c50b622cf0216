import { MINUTES, type MinuteCount, pulseBars } from "../../view/pulse.ts";

const WIDTH = 8;
const HEIGHT = 28;

/** How lively the board was of late: one bar a minute, the newest in ink. */
export function Pulse({ counts }: { readonly counts: readonly MinuteCount[] }) {
  const { bars, most, label } = pulseBars(counts);
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${MINUTES * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {bars.map((events, at) => {
        const height = events === 0 ? 1 : Math.round((HEIGHT * 10 * events) / Math.max(1, most)) / 10;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
          <rect key={at} x={at * WIDTH} y={HEIGHT - height} width={WIDTH - 2} height={height} />
        );
      })}
    </svg>
  );
}
