import type { Link } from "../../view/links.ts";
import type { StateLook } from "../../view/states.ts";
import { type Piece, ticksOf } from "../../view/time-scale.ts";
import { BAR_HEIGHT, type Bar, barMiddle, type Lane, type TimelinePicture } from "../../view/timeline.ts";
import { formatClock, formatDate, formatDuration } from "../../view/times.ts";
import { shownState } from "../ember.tsx";

const AXIS = 34;
/** Room right of the scale, for the last label. */
const EDGE = 30;
const GLYPH = 13;

export interface TimelineSvgProps {
  readonly picture: TimelinePicture;
  readonly now: Date;
  readonly to: Link;
}

/** The lanes as a picture; the table after it holds the same facts in words. */
export function TimelineSvg({ picture, now, to }: TimelineSvgProps) {
  const { scale, lanes, takeovers, nowX, height } = picture;
  const width = Math.ceil(scale.width + EDGE);
  return (
    <svg
      aria-hidden="true"
      className="tl"
      width={width}
      height={height + AXIS}
      viewBox={`0 0 ${width} ${height + AXIS}`}
    >
      <title>Claims by agent. The table below holds the same facts.</title>
      <defs>
        <pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0v5" stroke="currentColor" strokeWidth="1.1" />
        </pattern>
      </defs>
      {scale.pieces.map((piece) => piece.isCompressed && <Gap key={piece.from} piece={piece} height={height} />)}
      <Axis picture={picture} height={height} />
      <g transform={`translate(0 ${AXIS})`}>
        {lanes.map((lane) => (
          <g key={lane.agent}>
            <line className="t-rule" x1={0} x2={width} y1={lane.y + lane.height} y2={lane.y + lane.height} />
            {lane.idle.map(({ x0, x1, y }) => (
              <line key={`${x0} ${y}`} className="t-idle" x1={px(x0)} x2={px(x1)} y1={y} y2={y} />
            ))}
            {lane.bars.map((bar) => (
              <BarShape key={`${bar.claim.task}-${bar.claim.epoch}`} lane={lane} bar={bar} nowX={nowX} to={to} />
            ))}
          </g>
        ))}
        {takeovers.map(({ x0, y0, x1, y1 }) => (
          <path
            key={`${x0} ${y0} ${x1}`}
            className="t-edge"
            d={`M${px(x0)} ${y0}H${px((x0 + x1) / 2)}V${y1}H${px(x1)}`}
          />
        ))}
        <line className="t-now" x1={nowX} x2={nowX} y1={-10} y2={height} />
        {lanes.flatMap((lane) =>
          lane.bars.map((bar) => (
            <Tip key={`${bar.claim.task}-${bar.claim.epoch}`} lane={lane} bar={bar} nowX={nowX} />
          )),
        )}
      </g>
      <g transform={`translate(${px(nowX)} 0)`}>
        <rect className="t-nowbg" x={-34} y={0} width={68} height={18} rx={2} />
        <text className="t-nowt" y={13} textAnchor="middle">
          {formatClock(now)}
        </text>
      </g>
    </svg>
  );
}

const px = (value: number) => Math.round(value * 10) / 10;

function Gap({ piece, height }: { readonly piece: Piece; readonly height: number }) {
  const middle = (piece.x0 + piece.x1) / 2;
  const words = `${formatDuration((piece.to - piece.from) / 1000)} idle`;
  return (
    <g>
      <rect
        className="t-break"
        x={px(piece.x0 + 3)}
        y={AXIS - 10}
        width={px(piece.x1 - piece.x0 - 6)}
        height={height + 10}
      />
      <text
        className="t-brk"
        transform={`translate(${px(middle + 4)} ${AXIS + Math.min(height / 2, 150)}) rotate(-90)`}
        textAnchor="middle"
      >
        {words}
      </text>
    </g>
  );
}

function Axis({ picture: { scale, nowX }, height }: { readonly picture: TimelinePicture; readonly height: number }) {
  return (
    <g className="t-axis">
      {ticksOf(scale).map((tick) => {
        const x = px(scale.x(tick));
        const at = new Date(tick);
        const isMidnight = at.toISOString().slice(11, 16) === "00:00";
        return (
          <g key={tick}>
            <line x1={x} x2={x} y1={24} y2={height + AXIS} />
            {Math.abs(x - nowX) > 62 && (
              <text x={Math.max(x, 20)} y={14} textAnchor="middle">
                {isMidnight ? formatDate(at).slice(0, 6) : formatClock(at).slice(0, 5)}
              </text>
            )}
          </g>
        );
      })}
    </g>
  );
}

interface BarProps {
  readonly lane: Lane;
  readonly bar: Bar;
  readonly nowX: number;
}

const SHAPES: Readonly<Record<string, string>> = { failed: "b-bad", cold: "b-part", ready: "b-part" };

function shapeOf({ claim, look }: Bar): string {
  if (claim.ended_at === null) return "b-live";
  return SHAPES[look.tone] ?? (claim.kind === "review" ? "b-rev" : "b-ok");
}

function BarShape({ lane, bar, to }: BarProps & { readonly to: Link }) {
  const middle = barMiddle(lane, bar);
  const y = middle - BAR_HEIGHT / 2;
  const width = bar.x1 - bar.x0;
  const hasGlyph = bar.claim.ended_at !== null && width > GLYPH + 6;
  const room = width - (hasGlyph ? GLYPH + 10 : 8);
  const label = fit(bar.label, room);
  return (
    <a href={to(`/tasks/${bar.claim.task}`)} tabIndex={-1}>
      <title>{describe(lane, bar)}</title>
      <rect className={`t-bar ${shapeOf(bar)}`} x={px(bar.x0)} y={y} width={px(width)} height={BAR_HEIGHT} />
      {bar.silentFrom !== null && (
        <rect
          className="t-sil"
          x={px(bar.silentFrom)}
          y={y}
          width={px(Math.max(0, bar.x1 - bar.silentFrom))}
          height={BAR_HEIGHT}
        />
      )}
      {bar.signs.map((x) => (
        <line key={x} className="t-beat" x1={px(x)} x2={px(x)} y1={y + 21} y2={y + 25} />
      ))}
      {bar.beatAt !== null && <circle className="t-hb" cx={px(bar.beatAt)} cy={y + 23} r={2.5} />}
      {label !== "" && (
        <text className="t-n" x={px(bar.x0 + 6)} y={y + 17}>
          {label}
        </text>
      )}
      {hasGlyph && <BarGlyph look={bar.look} x={bar.x1 - GLYPH - 4} y={y + 6.5} />}
    </a>
  );
}

function BarGlyph({ look, x, y }: { readonly look: StateLook; readonly x: number; readonly y: number }) {
  return <use href={`#g-${look.glyph}`} className={`st-${look.tone}`} x={px(x)} y={y} width={GLYPH} height={GLYPH} />;
}

/** 7.3 px: a digit of the truth face at 12 px. */
function fit(label: string, room: number): string {
  const letters = Math.floor(room / 7.3);
  if (label.length <= letters) return label;
  const short = label.split(" ")[0] ?? "";
  return short.length <= letters ? short : "";
}

function describe(lane: Lane, { claim, look }: Bar): string {
  const end = claim.ended_at === null ? "now" : formatClock(claim.ended_at);
  const what = claim.kind === "review" ? "review" : "work";
  return `${lane.agent}, task #${claim.task}, ${what}, epoch ${claim.epoch}, ${formatClock(claim.claimed_at)} to ${end}, ${look.word}`;
}

/** The end of a held claim: its ember on the line of now, and what is left of the lease to its right. */
function Tip({ lane, bar, nowX }: BarProps) {
  const { ember } = bar.claim;
  if (ember === null) return null;
  const y = barMiddle(lane, bar);
  const word = shownState(ember);
  const isCold = word === "cold" || word === "expired";
  const state = isCold ? "is-cold" : `is-${word}`;
  return (
    <g>
      {bar.leaseTo !== null && bar.leaseTo > nowX + 12 && (
        <>
          <line className={`t-lease ${state}`} x1={px(nowX + 11)} x2={px(bar.leaseTo)} y1={y} y2={y} />
          <line className={`t-end ${state}`} x1={px(bar.leaseTo)} x2={px(bar.leaseTo)} y1={y - 6} y2={y + 6} />
        </>
      )}
      <g className={`t-tip ember is-${word}`} transform={`translate(${px(nowX)} ${y})`}>
        <circle r={10.5} className="t-hole" />
        {isCold ? (
          <path className="e-glass" d="M-3.7 -5.7h7.4L0 0l3.700 5.700h-7.400L0 0Z" />
        ) : (
          <circle r={word === "fresh" ? 7 : 4.5} className={word === "fresh" ? "e-core" : "e-core e-low"} />
        )}
      </g>
    </g>
  );
}
