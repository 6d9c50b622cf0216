import { type Ember, ringDashes } from "../view/ember.ts";

const CENTRE = { cx: 16, cy: 16 } as const;
const RING_RADIUS = 13.5;
const CORE_RADIUS = 8.5;
const COOLING_RADIUS = 4.5;
const HOURGLASS = "M12.3 10.3h7.4L16 16l3.7 5.7h-7.4L16 16Z";

export interface EmberPictureProps {
  readonly ember: Ember;
  readonly size?: "s" | "m" | "l";
}

/** A held claim. Ring: lease left. Core: heartbeat. Its label holds the same facts in words. */
export function EmberPicture({ ember, size = "m" }: EmberPictureProps) {
  return (
    <svg className={`ember is-${ember.state} ${size}`} viewBox="0 0 32 32" role="img" aria-label={ember.label}>
      <circle className="e-track" {...CENTRE} r={RING_RADIUS} />
      {ember.ring > 0 && (
        <circle
          className="e-ring"
          {...CENTRE}
          r={RING_RADIUS}
          pathLength={100}
          strokeDasharray={ringDashes(ember.ring)}
          transform="rotate(-90 16 16)"
        />
      )}
      <Core ember={ember} />
    </svg>
  );
}

function Core({ ember }: { readonly ember: Ember }) {
  switch (ember.state) {
    case "fresh":
      return <circle className="e-core" {...CENTRE} r={CORE_RADIUS} />;
    case "cooling":
      return (
        <>
          <circle className="e-ash" {...CENTRE} r={CORE_RADIUS} />
          <circle className="e-core" {...CENTRE} r={COOLING_RADIUS} />
        </>
      );
    case "cold":
    case "expired":
      return <path className="e-glass" d={HOURGLASS} />;
  }
}
