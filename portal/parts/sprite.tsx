import { Still } from "./still/still.tsx";

/** Every glyph once per page; `<Glyph>` refers to it by name. Shapes differ, so that no state depends on its colour. */
export function Sprite() {
  return (
    <Still
      tag="svg"
      place="sprite"
      attributes={{ width: "0", height: "0", className: "sprite", "aria-hidden": "true" }}
    >
      <defs>
        <radialGradient id="ember-core" cx="50%" cy="46%" r="55%">
          <stop className="stop-core" offset="0" />
          <stop className="stop-mid" offset=".55" />
          <stop className="stop-rim" offset="1" />
        </radialGradient>
        <symbol id="g-ready" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="5.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </symbol>
        <symbol id="g-triage" viewBox="0 0 16 16">
          <path
            d="M8 2.2 13.8 8 8 13.8 2.2 8Z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
          />
        </symbol>
        <symbol id="g-held" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <circle cx="8" cy="8" r="3.4" fill="currentColor" />
        </symbol>
        <symbol id="g-cooling" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="6.25" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <circle cx="8" cy="8" r="1.8" fill="currentColor" />
        </symbol>
        <symbol id="g-cold" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="7" fill="none" stroke="currentColor" strokeWidth="1.2" strokeDasharray="2.4 2" />
          <path d="M5.2 4.4h5.600L8 8l2.8 3.600H5.2L8 8Z" fill="currentColor" />
        </symbol>
        <symbol id="g-review" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M8 2.4a5.6 5.6 0 0 1 0 11.2Z" fill="currentColor" />
        </symbol>
        <symbol id="g-blocked" viewBox="0 0 16 16">
          <rect x="2.6" y="2.6" width="10.8" height="10.8" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M5 8h6" stroke="currentColor" strokeWidth="2.2" />
        </symbol>
        <symbol id="g-verified" viewBox="0 0 16 16">
          <path d="M1.5 14.5v-4h4v-3h4v-3h5v10Z" fill="currentColor" />
          <path d="M2.2 5.2 4.4 7.2 8.4 1.8" fill="none" stroke="currentColor" strokeWidth="1.6" />
        </symbol>
        <symbol id="g-failed" viewBox="0 0 16 16">
          <path
            d="M5.2 1.8h5.6l3.4 3.4v5.6l-3.4 3.4H5.2l-3.4-3.4V5.2Z"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeLinejoin="round"
          />
          <path d="m5.6 5.6 4.8 4.8m0-4.8-4.8 4.8" stroke="currentColor" strokeWidth="1.7" />
        </symbol>
        <symbol id="g-unknown" viewBox="0 0 16 16">
          <circle
            cx="8"
            cy="8"
            r="6.2"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
            strokeDasharray=".1 2.5"
            strokeLinecap="round"
          />
          <path
            d="M6.2 6.6c0-2.4 3.6-2.3 3.6-.1 0 1.4-1.8 1.4-1.8 2.9"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.3"
          />
          <circle cx="8" cy="11.4" r=".9" fill="currentColor" />
        </symbol>
        <symbol id="g-cancelled" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="m4.2 11.8 7.6-7.6" stroke="currentColor" strokeWidth="1.4" />
        </symbol>
        <symbol id="g-person" viewBox="0 0 16 16">
          <circle cx="8" cy="5" r="2.6" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M2.8 14c.4-3.3 2.4-5 5.2-5s4.8 1.7 5.2 5" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </symbol>
        <symbol id="g-fence" viewBox="0 0 16 16">
          <path
            d="M3 14V5l1.6-2L6.2 5v9M9.8 14V5l1.6-2L13 5v9M1 7.500h14M1 11.500h14"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.3"
          />
        </symbol>
        <symbol id="g-stream" viewBox="0 0 16 16">
          <circle cx="3.6" cy="12.4" r="1.7" fill="currentColor" />
          <path
            d="M3 7.200A5.8 5.8 0 0 1 8.8 13M3 2.800A10.2 10.2 0 0 1 13.2 13"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.6"
          />
        </symbol>
        <symbol id="g-commit" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="2.8" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="M0 8h5.200M10.8 8H16" stroke="currentColor" strokeWidth="1.5" />
        </symbol>
        <symbol id="g-note" viewBox="0 0 16 16">
          <path
            d="M3 2.500h10v7.500l-3.5 3.500H3Z M13 10H9.500v3.500M5.5 5.500h5M5.5 8h3"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.3"
          />
        </symbol>
        <symbol id="g-search" viewBox="0 0 16 16">
          <circle cx="7" cy="7" r="4.75" fill="none" stroke="currentColor" strokeWidth="1.5" />
          <path d="m10.5 10.5 3.7 3.7" stroke="currentColor" strokeWidth="1.5" />
        </symbol>
        <symbol id="g-arrow" viewBox="0 0 16 16">
          <path d="M2 8h11M9 3.8 13.2 8 9 12.2" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </symbol>
        <symbol id="g-theme" viewBox="0 0 16 16">
          <circle cx="8" cy="8" r="5.6" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M8 2.400a5.6 5.6 0 0 1 0 11.200Z" fill="currentColor" transform="rotate(135 8 8)" />
        </symbol>
        <symbol id="g-chain" viewBox="0 0 16 16">
          <path
            d="M6.5 9.500a3 3 0 0 0 4.2 0l2.4-2.400a3 3 0 0 0-4.2-4.200L8 3.800M9.5 6.500a3 3 0 0 0-4.2 0L2.9 8.900a3 3 0 0 0 4.2 4.200l.9-.9"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.5"
          />
        </symbol>
      </defs>
    </Still>
  );
}
