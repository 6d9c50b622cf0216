import type { ReactNode } from "react";

export interface Fact {
  readonly name: string;
  readonly value: ReactNode;
  /** Closed by a double rule. */
  readonly isTotal?: boolean;
}

/** Names and values, one per row, in the rail. */
export function FactList({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="kv">
      {facts.map(({ name, value, isTotal = false }) => (
        <div key={name} className={isTotal ? "total" : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The same on one line, where there is no room for a rail. */
export function FactStrip({ facts }: { readonly facts: readonly Fact[] }) {
  return (
    <dl className="strip" tabIndex={0}>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
