import type { PageContext } from "../page-context.ts";

/** What a form must send along, because its own fields replace the whole query: theme, and the instant of a replay. */
export function ChoiceFields({ context: { theme, at } }: { readonly context: Pick<PageContext, "theme" | "at"> }) {
  return (
    <>
      {theme !== null && <input type="hidden" name="theme" value={theme} />}
      {at !== null && <input type="hidden" name="at" value={at} />}
    </>
  );
}
