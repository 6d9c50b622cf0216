import type { ReactNode } from "react";

export interface EntryProps {
  readonly title: string;
  /** A count or a state, under the title. */
  readonly note?: string | undefined;
  readonly hint?: ReactNode;
  readonly id?: string;
  /** No ink line above: the entry opens the page. */
  readonly plain?: boolean;
  readonly children: ReactNode;
}

/** One entry of the ledger: its name in the margin, its rows beside it. */
export function Entry({ title, note, hint, id, plain = false, children }: EntryProps) {
  return (
    <section className={plain ? "entry plain" : "entry"} id={id} data-live={`entry-${id ?? title}`}>
      <header className="marg">
        <h2>{title}</h2>
        {note !== undefined && <p>{note}</p>}
        {hint !== undefined && <p className="hint">{hint}</p>}
      </header>
      <div className="body">{children}</div>
    </section>
  );
}

/** The words of an entry that has no rows: what is so, and what comes next. */
export function Empty({ fact, next }: { readonly fact: string; readonly next?: ReactNode }) {
  return (
    <p className="empty">
      {fact}
      {next !== undefined && <span className="soft">{next}</span>}
    </p>
  );
}
