import type { Glyph as GlyphName, StateLook } from "../view/states.ts";

/** A picture beside a word; it says nothing that the word does not. */
export function Glyph({ name }: { readonly name: GlyphName }) {
  return (
    <svg className="g" aria-hidden="true">
      <use href={`#g-${name}`} />
    </svg>
  );
}

/** State = colour + glyph + word. */
export function State({ look }: { readonly look: StateLook }) {
  return (
    <span className={`st st-${look.tone}`}>
      <Glyph name={look.glyph} />
      {look.word}
    </span>
  );
}
