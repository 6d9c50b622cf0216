import { EXPORT_LIMIT, type ListFacetValue } from "../../data/list.ts";
import type { PageContext } from "../../page-context.ts";
import { linkWith } from "../../view/links.ts";
import {
  LIST_FACETS,
  LIST_ORDERS,
  type ListFilter,
  listPath,
  namedFilters,
  withFacet,
} from "../../view/list-filter.ts";
import { formatCount } from "../../view/numbers.ts";
import { ChoiceFields } from "../choice-fields.tsx";
import { FacetMenu } from "../facet-menu.tsx";

export interface ListBarProps {
  readonly filter: ListFilter;
  readonly values: readonly ListFacetValue[];
  /** Tasks under the filters. */
  readonly matching: number;
  readonly context: Pick<PageContext, "to" | "theme" | "at">;
}

/** Filters, words, order and exports; all of them addresses. */
export function ListBar({ filter, values, matching, context }: ListBarProps) {
  const { to, at } = context;
  const hidden = Object.entries({ ...filter.facets, order: filter.order === "number" ? null : filter.order });
  // Exports have no theme, but rows of the instant that is shown.
  const toExport = linkWith(null, at);
  return (
    <div className="list-bar">
      <search>
        <form className="search" action="/list" method="get">
          {hidden.flatMap(([name, value]) =>
            value === null ? [] : [<input key={name} type="hidden" name={name} value={value} />],
          )}
          <ChoiceFields context={context} />
          <label className="only-sr" htmlFor="list-words">
            Words in title or description
          </label>
          <input
            id="list-words"
            type="search"
            name="q"
            maxLength={120}
            defaultValue={filter.text ?? ""}
            placeholder="Words in title or description"
            data-focus="search"
          />
          <button className="btn" type="submit">
            Find
          </button>
        </form>
      </search>
      <div className="facets">
        {LIST_FACETS.map((facet) => {
          const choices = values.filter((value) => value.facet === facet);
          if (choices.length === 0) return null;
          return (
            <FacetMenu
              key={facet}
              word={facet}
              chosen={filter.facets[facet]}
              choices={choices.map(({ value, tasks }) => ({ value, count: tasks }))}
              href={(value) => to(listPath(withFacet(filter, facet, value)))}
            />
          );
        })}
        <FacetMenu
          word="order"
          chosen={filter.order}
          choices={LIST_ORDERS.map((value) => ({ value }))}
          href={(value) =>
            to(listPath({ ...filter, order: LIST_ORDERS.find((order) => order === value) ?? "number", page: 1 }))
          }
          isRequired
        />
        {namedFilters(filter).length > 0 && (
          <a className="btn" href={to("/list")}>
            Clear
          </a>
        )}
      </div>
      <p className="outs">
        <a className="btn" href={toExport(listPath({ ...filter, page: 1 }, "/list.csv"))} download>
          CSV
        </a>
        <a className="btn" href={toExport(listPath({ ...filter, page: 1 }, "/list.json"))} download>
          JSON
        </a>
        {matching > EXPORT_LIMIT && (
          <span className="soft">
            {" "}
            hold the first <span className="m">{formatCount(EXPORT_LIMIT)}</span>
          </span>
        )}
      </p>
    </div>
  );
}
