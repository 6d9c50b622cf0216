import type { BoardFilter, FacetValue, FilterName } from "../../data/board.ts";
import { boardPath, isFiltered } from "../../view/filters.ts";
import type { Link } from "../../view/links.ts";

export interface FacetsProps {
  readonly filter: BoardFilter;
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

interface Choice {
  readonly value: string;
  readonly name: string | null;
}

/** Filters as menus of links; one is open at a time. */
export function Facets({ filter, values, to }: FacetsProps) {
  const choices: Readonly<Record<FilterName, readonly Choice[]>> = {
    phase: values.filter(({ facet }) => facet === "phase"),
    agent: values.filter(({ facet }) => facet === "agent"),
    family: values.filter(({ facet }) => facet === "family"),
    priority: PRIORITIES.map((value) => ({ value, name: null })),
  };
  return (
    <div className="facets">
      {(["phase", "agent", "family", "priority"] as const).map((name) => (
        <Facet key={name} name={name} filter={filter} choices={choices[name]} to={to} />
      ))}
      {isFiltered(filter) && (
        <a className="btn" href={to("/board")}>
          Clear
        </a>
      )}
    </div>
  );
}

interface FacetProps {
  readonly name: FilterName;
  readonly filter: BoardFilter;
  readonly choices: readonly Choice[];
  readonly to: Link;
}

function Facet({ name, filter, choices, to }: FacetProps) {
  const chosen = filter[name];
  const all: readonly (Choice | null)[] = [null, ...choices];
  return (
    <details className="menu" name="facet">
      <summary className={chosen === null ? "btn" : "btn is-on"}>
        {WORDS[name]} <b>{chosen ?? "all"}</b>
      </summary>
      <ul className="menu-pop">
        {all.map((choice) => (
          <li key={choice?.value ?? "all"}>
            <a
              href={to(boardPath({ ...filter, [name]: choice?.value ?? null }))}
              aria-current={chosen === (choice?.value ?? null) ? "true" : undefined}
            >
              {choice === null ? "all" : <span className="m">{choice.value}</span>}
              {choice !== null && choice.name !== null && <span className="soft"> {choice.name}</span>}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
