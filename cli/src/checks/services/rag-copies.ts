import { type Check, fail, pass } from "../check.ts";

/** Names in the evidence; the count beside them is whole. */
const SHOWN = 5;

/** RAG-04. The service says what it has read; only who sees both can say that it was given old files. */
export const ragReadsTheCheckout: Check = {
  id: "RAG-04",
  title: "What search is given to read is what the checkout holds",
  severity: "warning",
  drivers: { only: "embedded", otherwise: "containers are given the checkout itself" },
  dependsOn: [],
  timeoutMs: 10_000,
  async probe({ driver }) {
    const stale = await driver.staleCopies();
    if (stale.length === 0) return pass("no copy is behind the checkout");
    const more = stale.length > SHOWN ? ` and ${stale.length - SHOWN} more` : "";
    return fail(`search reads older copies of ${stale.slice(0, SHOWN).join(", ")}${more}`, {
      expected: "copies equal to the checkout",
      actual: `${stale.length} behind it`,
    });
  },
  fix: {
    summary: "elk-os up makes the copies again; elk-os memory and elk-os log do so by themselves",
    apply: async ({ driver }) => void (await driver.refreshCopies()),
  },
};
