import type { Ember } from "../view/ember.ts";
import type { StateLook } from "../view/states.ts";
import { State } from "./glyph.tsx";

const LOOKS: Readonly<Record<Exclude<Ember["state"], "fresh">, StateLook>> = {
  cooling: { glyph: "cooling", tone: "cold", word: "cooling" },
  cold: { glyph: "cold", tone: "cold", word: "cold" },
  unknown: { glyph: "cold", tone: "cold", word: "unknown" },
  expired: { glyph: "cold", tone: "cold", word: "expired" },
};

/** The word beside an ember that is not fresh; a fresh one needs none. */
export function ClaimState({ ember }: { readonly ember: Ember }) {
  return ember.state === "fresh" ? null : <State look={LOOKS[ember.state]} />;
}
