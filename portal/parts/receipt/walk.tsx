import type { Receipt } from "../../data/receipts.ts";
import { commitUrl } from "../../view/commit-url.ts";
import { walkOf } from "../../view/receipt-walk.ts";
import { Glyph, State } from "../glyph.tsx";
import { Moment } from "../moment.tsx";

/** The six steps, hung on the double rule of the sheet. */
export function Walk({ receipt, now }: { readonly receipt: Receipt; readonly now: Date }) {
  const steps = walkOf(receipt);
  return (
    <ol className="walk">
      {steps.map((step, at) => (
        <li key={step.name} className={step.name === "caught_by" ? "entry wk turn" : "entry wk"} id={step.name}>
          <header className="marg">
            <p className="m n">
              {at + 1} of {steps.length}
            </p>
            <h2>{step.title}</h2>
          </header>
          <span className={`node st-${step.look.tone}`}>
            <Glyph name={step.look.glyph} />
          </span>
          <div className="body">
            {step.name === "fix_commit" ? (
              <FixCommit
                text={step.text}
                commit={receipt.fix_commit}
                url={commitUrl(receipt.repository_url, receipt.fix_commit ?? step.text)}
              />
            ) : (
              <p className="wk-x prose">{step.text}</p>
            )}
          </div>
          <p className="wk-m">
            <State look={step.look} />
            {step.at !== null && <Moment at={step.at} now={now} />}
          </p>
        </li>
      ))}
    </ol>
  );
}

interface FixCommitProps {
  readonly text: string;
  readonly commit: string | null;
  /** Where it can be looked at; null: not known. */
  readonly url: string | null;
}

/** The commit can be selected as a whole, copied with one key or button where there are scripts, and looked at where it lies. */
function FixCommit({ text, commit, url }: FixCommitProps) {
  return (
    <>
      <p className="ev" data-copy={commit ?? text}>
        {text}
      </p>
      <p className="outs in-entry">
        <button className="btn copy" type="button" data-copies="">
          Copy the commit <kbd>c</kbd>
        </button>
        {url !== null && (
          <a className="btn" href={url} rel="noreferrer nofollow">
            Look at the commit
          </a>
        )}
      </p>
    </>
  );
}
