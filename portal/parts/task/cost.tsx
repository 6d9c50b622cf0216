import type { Claim } from "../../data/task.ts";
import { isPublic } from "../../env.ts";
import { type Output, outputOf, tokensOf, totalCost } from "../../view/cost.ts";
import { formatCount } from "../../view/numbers.ts";
import { Entry } from "../entry.tsx";
import { State } from "../glyph.tsx";
import { Who } from "../who.tsx";

/** Tokens and money by epoch, oldest first; nothing at all when nobody counted. */
export function CostEntry({ claims }: { readonly claims: readonly Claim[] }) {
  const total = totalCost(claims);
  if (total === null || isPublic()) return null;
  return (
    <Entry title="Cost" note="by epoch">
      <div className="tw">
        <table className="ledger sum">
          <thead>
            <tr>
              <th scope="col">Epoch</th>
              <th scope="col">Agent</th>
              <th scope="col">Output</th>
              <th scope="col" className="r">
                Tokens
              </th>
              <th scope="col" className="r">
                USD
              </th>
            </tr>
          </thead>
          <tbody>
            {claims.toReversed().map((claim) => (
              <Row key={claim.epoch} claim={claim} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row" colSpan={3}>
                Total, {total.discardedPercent} % discarded
              </th>
              <td className="m r">{formatCount(total.tokens)}</td>
              <td className="m r">{total.usd.toFixed(2)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </Entry>
  );
}

function Row({ claim }: { readonly claim: Claim }) {
  const tokens = tokensOf(claim);
  return (
    <tr>
      <td className="m">
        {claim.epoch}
        {claim.kind === "review" && <i className="soft"> review</i>}
      </td>
      <td className="m">
        <Who name={claim.agent} family={claim.model_family} />
      </td>
      <td>
        <OutputWord output={outputOf(claim)} />
      </td>
      <td className="m r">{tokens === null ? "–" : formatCount(tokens)}</td>
      <td className="m r">{claim.cost_usd === null ? "–" : claim.cost_usd.toFixed(2)}</td>
    </tr>
  );
}

function OutputWord({ output }: { readonly output: Output }) {
  switch (output) {
    case "kept":
      return "kept";
    case "open":
      return <span className="soft">still open</span>;
    case "discarded":
      return <State look={{ glyph: "cancelled", tone: "cold", word: "discarded" }} />;
  }
}
