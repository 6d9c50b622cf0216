import type { Rate } from "../../data/costs.ts";
import { formatCount } from "../../view/numbers.ts";
import { formatRate, formatUsd } from "../../view/rates.ts";

export interface RateTableProps {
  readonly caption: string;
  readonly rates: readonly Rate[];
  /** The row over all attempts; closes the table. */
  readonly total: Rate | undefined;
}

/** What became of attempts. Discarded: given up, made twice, overtaken, or run out of time. */
export function RateTable({ caption, rates, total }: RateTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: nothing in it takes the focus, and a keyboard must be able to scroll it
    <section className="tw" aria-label={caption} tabIndex={0}>
      <table className="ledger rows sum rates">
        <caption className="only-sr">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{caption}</th>
            {["Attempts", "Accepted", "Sent back", "Discarded", "Rate", "Tokens", "USD", "Thrown away"].map((word) => (
              <th key={word} scope="col" className="r">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rates.map((rate) => (
            <tr key={rate.value}>
              <th scope="row" className="m t-x">
                {rate.value}
              </th>
              <Cells rate={rate} />
            </tr>
          ))}
        </tbody>
        {total !== undefined && (
          <tfoot>
            <tr>
              <th scope="row" className="t-x">
                All
              </th>
              <Cells rate={total} />
            </tr>
          </tfoot>
        )}
      </table>
    </section>
  );
}

const wasted = ({ discarded, expired, duplicate, superseded }: Rate) => discarded + expired + duplicate + superseded;

function Cells({ rate }: { readonly rate: Rate }) {
  const cells: readonly (readonly [string, string])[] = [
    ["attempts", formatCount(rate.attempts)],
    ["accepted", formatCount(rate.accepted)],
    ["sent back", formatCount(rate.rework)],
    ["discarded", formatCount(wasted(rate))],
    ["rate", formatRate(rate.discard_rate)],
    ["tokens", formatCount(rate.tokens)],
    ["USD", formatUsd(rate.cost_usd)],
    ["thrown away", formatUsd(rate.cost_discarded_usd)],
  ];
  return cells.map(([name, value]) => (
    <td key={name} className="m r">
      <span className="only-s">{name} </span>
      {value}
    </td>
  ));
}
