import { requestOutage } from "../data/request-outage.ts";
import { type Ember, type EmberState, labelOf, leaseKey, ringDashes } from "../view/ember.ts";

const CENTRE = { cx: 16, cy: 16 } as const;
const RING_RADIUS = 13.5;
const CORE_RADIUS = 8.5;
const COOLING_RADIUS = 4.5;
const HOURGLASS = "M12.3 10.3h7.4L16 16l3.7 5.7h-7.4L16 16Z";

export interface EmberPictureProps {
  readonly ember: Ember;
  readonly size?: "s" | "m" | "l";
  /** A legend: no claim of the board, so that neither the clock nor an outage changes it. */
  readonly isLegend?: boolean;
}

/**
 * A held claim. Ring: lease left. Core: heartbeat. Its label holds the same facts in words. All cores are drawn and the class says which
 * one shows, so that the page's clock can let a claim cool without a word from the server.
 */
export function EmberPicture({ ember, size = "m", isLegend = false }: EmberPictureProps) {
  const { lease } = ember;
  const state = isLegend ? ember.state : shownState(ember);
  return (
    <svg
      className={`ember is-${state} ${size}${isLegend ? " is-legend" : ""}`}
      viewBox="0 0 32 32"
      role="img"
      aria-label={state === ember.state ? ember.label : unknownLabel(ember)}
      {...(isLegend ? {} : countsWith(lease))}
    >
      <circle className="e-track" {...CENTRE} r={RING_RADIUS} />
      <circle
        className="e-ring"
        {...CENTRE}
        r={RING_RADIUS}
        pathLength={100}
        strokeDasharray={ringDashes(ember.ring)}
        transform="rotate(-90 16 16)"
      />
      <circle className="e-ash" {...CENTRE} r={CORE_RADIUS} />
      <circle className="e-core" {...CENTRE} r={CORE_RADIUS} />
      <circle className="e-core e-low" {...CENTRE} r={COOLING_RADIUS} />
      <path className="e-glass" d={HOURGLASS} />
    </svg>
  );
}

/** What the page's clock needs to let the picture cool. */
function countsWith(lease: Ember["lease"]) {
  return {
    "data-lease": leaseKey(lease),
    "data-since": lease.heartbeatAt.getTime(),
    "data-until": lease.expiresAt.getTime(),
    "data-length": lease.leaseSeconds,
    "data-kind": lease.kind,
    "data-agent": lease.agent ?? undefined,
  };
}

/** A last reading is no evidence of what is alive now. */
export function shownState(ember: Ember): EmberState {
  return requestOutage().problem === null ? ember.state : "unknown";
}

function unknownLabel({ lease, secondsLeft, secondsSinceBeat }: Ember): string {
  return labelOf(lease, "unknown", secondsLeft, secondsSinceBeat, lease.expiresAt);
}
