/**
 * One scripted agent: it claims, beats, notes, submits, reviews, gives up, dies and races, by the verbs that any agent has. What it does next
 * comes from its own seeded dice; when it happens is up to the stack.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { rest, type VerbAnswer } from "../../test/support/verb-doors.ts";

export interface FleetAgent {
  readonly name: string;
  readonly token: string;
  readonly session: string;
}

/** What all agents of a fleet share. */
export interface Fleet {
  readonly url: string;
  readonly project: string;
  /** Numbers of tasks that nobody has claimed yet, in order: who races runs for the first of them. */
  readonly open: Set<number>;
  /** Numbers of submitted tasks that wait for a verdict. */
  readonly submitted: Set<number>;
  /** Counts deeds and refusals by name. */
  readonly deeds: Map<string, number>;
  readonly signal: AbortSignal;
}

const BEAT_MS = 400;
const IDLE_MS = 300;

/** Part of the turns in which an agent runs for the task that others run for, too. */
const RACES = 0.2;

/**
 * Runs until the fleet's signal; then gives back what it holds. All agents begin with a race for one task, and who wins it dies with it: whatever
 * the dice say, a race is refused and a claim goes cold and expires while the others work.
 */
export async function liveAs(agent: FleetAgent, dice: () => number, fleet: Fleet): Promise<void> {
  const verb = async (name: string, args: object): Promise<VerbAnswer> => {
    const answer = await rest(fleet.url, agent.token, name, args);
    count(fleet, answer.ok ? name : `${name} ${answer.code}`);
    return answer;
  };
  const die = () => {
    // Nobody beats for its task any more, and a new session of the same agent knows nothing of it.
    count(fleet, "died");
    life += 1;
  };
  let life = 0;
  const session = () => `${agent.session}-${life}`;
  // Chosen before anybody waits for an answer, and so the same for all.
  const [first] = fleet.open;
  if (first !== undefined) {
    const start = await verb("next", { session: session(), task: String(first) });
    fleet.open.delete(first);
    if (start.ok && grantOf(start.answer) !== null) die();
  }
  while (!fleet.signal.aborted) {
    const review = [...fleet.submitted][0];
    const [raced] = fleet.open;
    const held =
      review !== undefined && dice() < 0.6
        ? await verb("review", { session: session(), task: String(review) })
        : raced !== undefined && dice() < RACES
          ? await verb("next", { session: session(), task: String(raced) })
          : await verb("next", { session: session(), project: fleet.project });
    const grant = held.ok ? grantOf(held.answer) : null;
    if (grant !== null) fleet.open.delete(Number(grant.task));
    else if (!held.ok && held.code === "MUSTER_CLAIM_CONFLICT" && raced !== undefined) fleet.open.delete(raced);
    if (grant === null) {
      await sleep(IDLE_MS * (0.5 + dice()));
      continue;
    }
    const { task, fence } = grant;
    if (grant.kind === "review") fleet.submitted.delete(Number(task));
    await work(agent, dice, fleet, () => verb("heartbeat", { task, fence }), task, verb);
    const fate = dice();
    if (fleet.signal.aborted) await verb("release", { task, fence, reason: "The fleet stops." });
    else if (fate < 0.06) die();
    else if (grant.kind === "review") {
      const verdict = dice() < 0.8 ? "pass" : "fail";
      await verb("verdict", {
        task,
        fence,
        verdict,
        evidence: `Ran it as a stranger: ${verdict}.`,
        checks: [`${verdict === "pass" ? 0 : 1} npm test`],
      });
    } else if (fate < 0.2) await verb("release", { task, fence, reason: "Another agent knows this part better." });
    else if (fate < 0.26) {
      const block = { blocked_type: "needs_human", owner: "Ines", action: "Choose one of two ways." };
      await verb("release", { task, fence, reason: "Two ways, and both bind.", ...block });
    } else {
      const commit = Math.floor(dice() * 0xfffffff)
        .toString(16)
        .padStart(7, "0");
      const done = await verb("submit", { task, fence, commit, tokens_in: 1_200, tokens_out: 300, cost_usd: 0.02 });
      if (done.ok) fleet.submitted.add(Number(task));
    }
  }
}

type Verb = (name: string, args: object) => Promise<VerbAnswer>;

async function work(
  agent: FleetAgent,
  dice: () => number,
  fleet: Fleet,
  beat: () => Promise<unknown>,
  task: string,
  verb: Verb,
) {
  const beats = 1 + Math.floor(dice() * 5);
  for (let at = 0; at < beats && !fleet.signal.aborted; at += 1) {
    await sleep(BEAT_MS * (0.5 + dice()));
    await beat();
    if (dice() < 0.3) await verb("note", { task, body: `${agent.name} tried way ${at + 1}.` });
  }
}

function grantOf(answer: Readonly<Record<string, unknown>>) {
  const { claimed, kind, task, fence } = answer;
  if (claimed !== true || typeof fence !== "number" || typeof task !== "object" || task === null) return null;
  const number = "number" in task ? String(task.number) : "";
  return { kind: kind === "review" ? "review" : "work", task: number, fence } as const;
}

function count({ deeds }: Fleet, deed: string): void {
  deeds.set(deed, (deeds.get(deed) ?? 0) + 1);
}
