import type { GraphNode } from "../../data/graph.ts";
import { type Edge, layOut, type Placed } from "../../view/graph-layout.ts";
import type { Link } from "../../view/links.ts";
import { blockLook, taskLook } from "../../view/states.ts";

const NODE = { width: 208, height: 44 } as const;
const PITCH = { x: 272, y: 56 } as const;
const MARGIN = 12;
/** What fits into a node at 14 px. */
const LETTERS = 26;

export interface GraphSvgProps {
  readonly tasks: readonly GraphNode[];
  readonly edges: readonly Edge[];
  /** Numbers of the longest chain. */
  readonly path: readonly number[];
  readonly focus: number | null;
  readonly to: Link;
}

/** Left to right: first what is waited for, then what waits. The table after it holds the same facts in words. */
export function GraphSvg({ tasks, edges, path, focus, to }: GraphSvgProps) {
  const placed = layOut(
    tasks.map(({ number }) => number),
    edges,
  );
  const spots = new Map(placed.map((place) => [place.id, place]));
  const width = MARGIN * 2 + NODE.width + PITCH.x * Math.max(0, ...placed.map(({ layer }) => layer));
  const height = MARGIN * 2 + NODE.height + PITCH.y * Math.max(0, ...placed.map(({ row }) => row));
  const steps = new Set(path.slice(1).map((number, at) => `${path[at]}-${number}`));
  return (
    <svg aria-hidden="true" className="dag" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
      <title>Dependencies. The tables below hold the same facts.</title>
      {edges.map(({ from, to: target }) => {
        const start = spots.get(from);
        const end = spots.get(target);
        if (start === undefined || end === undefined) return null;
        const key = `${from}-${target}`;
        const name = steps.has(key) ? "g-edge is-path" : "g-edge";
        return <path key={key} className={name} data-edge={key} d={curve(start, end)} />;
      })}
      {tasks.map((task) => {
        const spot = spots.get(task.number);
        return (
          spot !== undefined && (
            <Node
              key={task.number}
              task={task}
              spot={spot}
              isOnPath={path.includes(task.number)}
              isFocus={task.number === focus}
              to={to}
            />
          )
        );
      })}
    </svg>
  );
}

const left = ({ layer }: Placed) => MARGIN + layer * PITCH.x;
const top = ({ row }: Placed) => MARGIN + row * PITCH.y;

function curve(start: Placed, end: Placed): string {
  const x0 = left(start) + NODE.width;
  const x1 = left(end);
  const y0 = top(start) + NODE.height / 2;
  const y1 = top(end) + NODE.height / 2;
  const bend = Math.max(24, Math.min(56, (x1 - x0) / 2));
  return `M${x0} ${y0}C${x0 + bend} ${y0} ${x1 - bend} ${y1} ${x1} ${y1}`;
}

interface NodeProps {
  readonly task: GraphNode;
  readonly spot: Placed;
  readonly isOnPath: boolean;
  readonly isFocus: boolean;
  readonly to: Link;
}

function Node({ task, spot, isOnPath, isFocus, to }: NodeProps) {
  const look = task.status === "blocked" ? blockLook(task.blocked_type) : taskLook(task.status);
  const title = task.title.length > LETTERS ? `${task.title.slice(0, LETTERS - 1).trimEnd()}…` : task.title;
  const name = `#${task.number} ${task.title}, ${look.word}`;
  const classes = ["g-node", isOnPath ? "is-path" : "", isFocus ? "is-focus" : ""].join(" ").trim();
  return (
    <a href={to(`/graph?focus=${task.number}`)} tabIndex={-1}>
      <title>{name}</title>
      <g transform={`translate(${left(spot)} ${top(spot)})`}>
        <rect className={classes} width={NODE.width} height={NODE.height} rx={3} />
        <use href={`#g-${look.glyph}`} className={`st-${look.tone}`} x={9} y={7} width={13} height={13} />
        <text className="g-n" x={29} y={18}>
          #{task.number} <tspan className="g-s">{look.word}</tspan>
        </text>
        <text className="g-t" x={9} y={35}>
          {title}
        </text>
      </g>
    </a>
  );
}
