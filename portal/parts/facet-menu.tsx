import type { ReactNode } from "react";

export interface FacetChoice {
  readonly value: string;
  readonly name?: string | null;
  /** How many rows it would leave; undefined: not counted. */
  readonly count?: number | undefined;
}

export interface FacetMenuProps {
  /** The column that it filters by; the menu writes it with a capital. */
  readonly word: string;
  readonly chosen: string | null;
  readonly choices: readonly FacetChoice[];
  /** Address for a choice; null: all. */
  readonly href: (value: string | null) => string;
  /** No "all": one of the choices always holds. */
  readonly isRequired?: boolean;
}

/** One filter as a menu of links; one menu is open at a time. */
export function FacetMenu({ word, chosen, choices, href, isRequired = false }: FacetMenuProps) {
  return (
    <details className="menu" name="facet">
      <summary className={chosen === null || isRequired ? "btn" : "btn is-on"}>
        {`${word.slice(0, 1).toUpperCase()}${word.slice(1)}`} <b>{chosen ?? "all"}</b>
      </summary>
      <ul className="menu-pop">
        {!isRequired && (
          <Choice href={href(null)} isChosen={chosen === null}>
            all
          </Choice>
        )}
        {choices.map(({ value, name, count }) => (
          <Choice key={value} href={href(value)} isChosen={chosen === value}>
            <span className="m">{value}</span>
            {name !== undefined && name !== null && <span className="soft"> {name}</span>}
            {count !== undefined && <span className="m soft n"> {count}</span>}
          </Choice>
        ))}
      </ul>
    </details>
  );
}

interface ChoiceProps {
  readonly href: string;
  readonly isChosen: boolean;
  readonly children: ReactNode;
}

function Choice({ href, isChosen, children }: ChoiceProps) {
  return (
    <li>
      <a href={href} aria-current={isChosen ? "true" : undefined}>
        {children}
      </a>
    </li>
  );
}
