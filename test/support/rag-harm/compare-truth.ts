/** What a service that was killed and started again says, compared with the files, the board and the log. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { verifyLog } from "../../../cli/src/memory/verify-log.ts";
import { type Campaign, type CampaignHit, GIVE_UP_MS, get, pause, type Running, search } from "./campaign.ts";

/** Waits until the service says that it is well, and compares: at once what it says while it heals, then everything. */
export async function compareWithTruth(
  campaign: Campaign,
  running: Running,
  when: string,
  round: number,
): Promise<void> {
  const note = (what: string): void => void campaign.faults.push(`${when}: ${what}`);
  await askWhileItHeals(campaign, running, round, note);
  const verified = await get(campaign, running, "/index/verify");
  if (verified["ok"] !== true) note(JSON.stringify(verified["problems"]));
  const { indexed } = verified["documents"] as { indexed: number };
  const days = readdirSync(join(campaign.folder.root, "log")).filter((name) => name.endsWith(".md")).length;
  const wanted = campaign.truth.size + days;
  if (indexed !== wanted) note(`${indexed} documents are indexed, ${wanted} are true`);
  const all = [...campaign.truth];
  for (const one of [all.at(-1), ...[1, 2, 3].map(() => pick(all, campaign.asking))]) {
    if (one === undefined) continue;
    const [path, word] = one;
    const found = await search(campaign, running, word);
    if (found.length !== 1 || found[0]?.path !== path) note(`${path} was found ${found.length} times`);
    else if (!isTrue(campaign, found[0])) note(`${found[0].citation} is wrong`);
  }
  await compareBoard(campaign, running, note);
  await compareLog(campaign, running, note);
}

/**
 * Asks for files that nobody wrote in this round, from the first moment that the service answers until it says that it is well. One that is not found yet
 * is no fault then, for health says so; one that is found must be cited right, and once.
 */
async function askWhileItHeals(
  campaign: Campaign,
  running: Running,
  round: number,
  note: (what: string) => void,
): Promise<void> {
  const untouched = [...campaign.truth].filter(([path]) => (campaign.writtenIn.get(path) ?? 0) < round);
  let reasons: unknown = null;
  for (const until = performance.now() + GIVE_UP_MS; performance.now() < until; await pause(20)) {
    const one = pick(untouched, campaign.asking);
    if (one !== undefined) {
      const [path, word] = one;
      const found = await search(campaign, running, word);
      campaign.healing.asked += 1;
      campaign.healing.found += found.length;
      if (found.length > 1) note(`${path} was found ${found.length} times while it healed`);
      for (const hit of found)
        if (hit.path !== path || !isTrue(campaign, hit)) note(`${hit.citation} was wrong while it healed`);
    }
    ({ reasons } = await get(campaign, running, "/health"));
    if (Array.isArray(reasons) && reasons.length === 0) return;
  }
  note(`not well again: ${JSON.stringify(reasons)}`);
}

/** Every task once, as the board has it now, and none as it was. The change of this round is asked for first: whoever knows it knows those before. */
async function compareBoard(campaign: Campaign, running: Running, note: (what: string) => void): Promise<void> {
  const { board, asking } = campaign;
  if (board === null) return;
  const all = [...board.truth];
  for (const one of [all.at(-1), pick(all, asking)]) {
    if (one === undefined) continue;
    const [citation, word] = one;
    const found = await foundOnBoard(campaign, running, word);
    if (found.length !== 1 || found[0]?.citation !== citation) note(`${citation} was found ${found.length} times`);
    else if ((await get(campaign, running, `/doc/${citation}`))["text"] !== found[0].text) note(`${citation} is wrong`);
  }
  const old = pick(board.gone, asking);
  if (old !== undefined && (await search(campaign, running, old)).length > 0) note(`a task is found as it was: ${old}`);
}

/** Health allows the board a minute of lag, so a task of just now is waited for. */
async function foundOnBoard(campaign: Campaign, running: Running, word: string): Promise<readonly CampaignHit[]> {
  for (const until = performance.now() + GIVE_UP_MS; ; await pause(50)) {
    const found = await search(campaign, running, word);
    if (found.length > 0 || performance.now() > until) return found;
  }
}

/** The chain holds, but for what a kill left behind the last record; and what was acknowledged is found, once. */
async function compareLog(campaign: Campaign, running: Running, note: (what: string) => void): Promise<void> {
  const { problems } = verifyLog(join(campaign.folder.root, "log"));
  for (const { kind, message } of problems) if (kind !== "unchained") note(`log: ${kind}, ${message}`);
  for (const word of [campaign.entries.at(-1), pick(campaign.entries, campaign.asking)]) {
    if (word === undefined) continue;
    const found = await search(campaign, running, word);
    if (found.length !== 1) note(`the log entry ${word} was found ${found.length} times`);
    else if (found[0] !== undefined && !isTrue(campaign, found[0])) note(`${found[0].citation} is wrong`);
  }
}

function isTrue({ folder }: Campaign, { citation, text }: CampaignHit): boolean {
  const [, path = "", start, end] = /^(.+)#L(\d+)-L(\d+)$/.exec(citation) ?? [];
  const lines = readFileSync(join(folder.root, path), "utf8").split("\n");
  return lines.slice(Number(start) - 1, Number(end)).join("\n") === text;
}

function pick<T>(values: readonly T[], random: () => number): T | undefined {
  return values[Math.floor(random() * values.length)];
}
