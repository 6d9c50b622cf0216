import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { HISTORY } from "../../test/support/portal-history.ts";
import { type PortalReading, startPortalReading } from "../../test/support/portal-reading.ts";
import { parseListFilter } from "../view/list-filter.ts";
import { readFleet } from "./agents.ts";
import { readBoard } from "./board.ts";
import { readClaims } from "./claims.ts";
import { readCosts } from "./costs.ts";
import { readLog } from "./events.ts";
import { readGraph } from "./graph.ts";
import { readExport, readList } from "./list.ts";
import { readNow } from "./now.ts";
import { readPhases } from "./phases.ts";
import { readLedger, readReceipt } from "./receipts.ts";
import { readReleases } from "./releases.ts";
import { readTask } from "./task.ts";
import { readTaskSnapshot } from "./task-snapshot.ts";
import { readTimeline } from "./timeline.ts";

/**
 * What the board's rows say and a stranger may not read: a person, what she is asked, tokens, money, evidence, a command. Money with the colon before
 * it, as `0.53` is also in the time of 12:30:40.531.
 */
const HIDDEN = [
  "Ines",
  "Choose one",
  "Two ways",
  "1971093771",
  ":0.53",
  "Saw it hold",
  "make prove",
  "git.example",
  ":4.21",
];

let reading: PortalReading;
beforeAll(async () => {
  reading = await startPortalReading();
});
beforeEach(() => reading.boardWith(HISTORY));
afterAll(() => reading.stop());
afterEach(() => reading.forget());

/** Everything that pages, feeds and exports are made from, as text. */
async function readAll(isPublic: boolean): Promise<string> {
  const events = { facets: { entity: null, kind: null, actor: null }, task: null, before: null };
  const facts = [
    await readNow(),
    await readBoard({ phase: null, agent: null, family: null, priority: null }),
    await readList(parseListFilter({})),
    await readExport(parseListFilter({})),
    await readGraph({ withClosed: true, phase: null, focus: 2 }),
    await readTimeline(null, null),
    await readLog(events),
    await readLedger(),
    await readReceipt(1),
    await readPhases(),
    await readReleases(),
    await readFleet(),
    await readClaims(null, null),
    await readTask(1),
    await readTask(2),
    await readTask(3),
    await readTaskSnapshot(null),
    isPublic ? null : await readCosts(),
  ];
  return JSON.stringify(facts);
}

it("tells strangers no person, no ask, no token, no money and no evidence", async () => {
  vi.stubEnv("ELK_OS_PORTAL_PUBLIC", "true");
  const told = await readAll(true);
  expect(HIDDEN.filter((words) => told.includes(words))).toEqual([]);
  expect((await readFleet()).agents[0]).toMatchObject({ tokens_in: null, tokens_out: null, cost_usd: null });
  expect((await readReceipt(1))?.receipt.tokens).toBeNull();
});

it("keeps all of that for those who run the board", async () => {
  const told = await readAll(false);
  expect(HIDDEN.filter((words) => !told.includes(words))).toEqual([]);
});
