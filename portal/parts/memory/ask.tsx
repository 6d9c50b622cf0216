import type { PageContext } from "../../page-context.ts";
import { ChoiceFields } from "../choice-fields.tsx";

/** Characters. */
export const MAX_QUERY = 300;

export interface AskEntryProps {
  readonly context: Pick<PageContext, "theme" | "at">;
  /** What was asked; null: nothing yet. */
  readonly query: string | null;
}

/** The question to the memory. In a replay it is still asked of now, and says so. */
export function AskEntry({ context, query }: AskEntryProps) {
  return (
    <section className="entry plain">
      <div className="marg" />
      <div className="body">
        <search>
          <form className="search ask" action="/memory" method="get">
            <ChoiceFields context={context} />
            <label className="only-sr" htmlFor="memory-words">
              What to look for
            </label>
            <input
              id="memory-words"
              type="search"
              name="q"
              maxLength={MAX_QUERY}
              defaultValue={query ?? ""}
              placeholder="What to look for"
              data-focus="search"
            />
            <button className="btn" type="submit">
              Search
            </button>
          </form>
        </search>
        {context.at !== null && (
          <p className="soft aside">
            Search has no past. It answers from what is indexed now, and not from what was known at the instant that the
            rest of this site shows.
          </p>
        )}
      </div>
    </section>
  );
}
