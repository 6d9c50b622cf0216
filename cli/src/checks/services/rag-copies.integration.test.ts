import { expect, test } from "vitest";
import { fixtureStack } from "../../../../test/support/fixture-stack.ts";
import { expectRed } from "../../../../test/support/red.ts";
import { temporaryFolder } from "../../../../test/support/temporary-folder.ts";
import type { Stack } from "../../stack/stack.ts";
import { ragReadsTheCheckout } from "./rag-copies.ts";

const signal = new AbortController().signal;

/** A stack whose driver finds these copies behind until they are made again. */
function behind(...names: readonly string[]): Stack {
  const stack = fixtureStack(temporaryFolder());
  let stale = names;
  const refreshCopies = async () => {
    stale = [];
    return true;
  };
  return { ...stack, driver: { ...stack.driver, staleCopies: async () => stale, refreshCopies } };
}

test("copies that are equal pass", async () => {
  expect(await ragReadsTheCheckout.probe(behind(), signal)).toMatchObject({ status: "pass" });
});

test("copies that are behind are red, with five names and the whole count, and the repair makes them again", async () => {
  const stack = behind(...Array.from({ length: 7 }, (_, index) => `memory/${index}.md`));
  const found = await ragReadsTheCheckout.probe(stack, signal);
  expectRed("RAG-04", found, /memory\/0\.md, .*memory\/4\.md and 2 more$/);
  expect(found).toMatchObject({ actual: "7 behind it" });
  await ragReadsTheCheckout.fix.apply?.(stack);
  expect(await ragReadsTheCheckout.probe(stack, signal)).toMatchObject({ status: "pass" });
});
