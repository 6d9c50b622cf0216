import { type BoardFilter, type FacetValue, type FilterName, NO_FILTER } from "../../data/board.ts";
import { boardPath, isFiltered, LANES, type LaneKind } from "../../view/filters.ts";
import type { Link } from "../../view/links.ts";
import { type FacetChoice, FacetMenu } from "../facet-menu.tsx";

export interface FacetsProps {
  readonly filter: BoardFilter;
  readonly lanes: LaneKind | null;
  readonly values: readonly FacetValue[];
  readonly to: Link;
}

const PRIORITIES = ["P0", "P1", "P2", "P3"] as const;
const WORDS: Readonly<Record<FilterName, string>> = {
  phase: "Phase",
  agent: "Agent",
  family: "Family",
  priority: "Priority",
};

/** Filters as menus of links; one is open at a time. */
export function Facets({ filter, lanes, values, to }: FacetsProps) {
  const choices: Readonly<Record<FilterName, readonly FacetChoice[]>> = {
    phase: values.filter(({ facet }) => facet === "phase"),
    agent: values.filter(({ facet }) => facet === "agent"),
    family: values.filter(({ facet }) => facet === "family"),
    priority: PRIORITIES.map((value) => ({ value })),
  };
  return (
    <div className="facets">
      {(["phase", "agent", "family", "priority"] as const).map((name) => (
        <FacetMenu
          key={name}
          word={WORDS[name]}
          chosen={filter[name]}
          choices={choices[name]}
          href={(value) => to(boardPath({ ...filter, [name]: value }, lanes))}
        />
      ))}
      <FacetMenu
        word="Lanes"
        chosen={lanes}
        choices={LANES.map((value) => ({ value }))}
        href={(value) => to(boardPath(filter, LANES.find((lane) => lane === value) ?? null))}
      />
      {isFiltered(filter) && (
        <a className="btn" href={to(boardPath(NO_FILTER, lanes))}>
          Clear
        </a>
      )}
    </div>
  );
}
