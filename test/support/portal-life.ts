/** A task's whole life through the doors that people and agents have, one write at a time, so that a test can look at the board in between. */
import { type BoardTask, type PortalBoard, portalBoard } from "./portal-writes.ts";
import type { Stack } from "./stack.ts";
import { rest } from "./verb-doors.ts";

export const BUILDER = "agent-a02";
/** Of another model family than the builder. */
export const VERIFIER = "agent-a09";

export interface Life {
  readonly board: PortalBoard;
  /** A verb as an agent of the stack. @throws Error with what was refused */
  verb(agent: string, name: string, args: object): Promise<Readonly<Record<string, unknown>>>;
  /** Claims the task and answers its fence. */
  claim(task: BoardTask, session: string): Promise<number>;
  submit(task: BoardTask, fence: number): Promise<void>;
  /** Claims the review of a submitted task. Answers its fence. */
  review(task: BoardTask, session: string): Promise<number>;
  /** The verdict that passes it; a task of class bug gets its receipt with it. */
  pass(task: BoardTask, fence: number): Promise<void>;
}

export function lifeOn(stack: Stack): Life {
  const verb: Life["verb"] = async (agent, name, args) => {
    const answer = await rest(stack.urls.directus, stack.secret(agent), name, args);
    if (answer.ok) return answer.answer;
    throw new Error(`${name} of ${agent}: ${answer.status} ${answer.code} ${answer.message}`);
  };
  const fenceOf = ({ fence, claimed }: Readonly<Record<string, unknown>>): number => {
    if (claimed === true && typeof fence === "number") return fence;
    throw new Error("Nothing was claimed.");
  };
  return {
    board: portalBoard(stack),
    verb,
    claim: async ({ number }, session) => fenceOf(await verb(BUILDER, "next", { session, task: String(number) })),
    async submit({ number }, fence) {
      const result = { commit: "3f9c1e2", summary: "It holds now.", tokens_in: 1_200, tokens_out: 300, cost_usd: 0.25 };
      await verb(BUILDER, "submit", { task: String(number), fence, ...result });
    },
    review: async ({ number }, session) => fenceOf(await verb(VERIFIER, "review", { session, task: String(number) })),
    async pass({ number }, fence) {
      const judgement = { verdict: "pass", evidence: "Ran it as a stranger: it holds.", checks: ["0 npm test"] };
      const word = { needed_fleet: "no", attribution: "One disciplined agent is enough." };
      await verb(VERIFIER, "verdict", { task: String(number), fence, ...judgement, ...word });
    },
  };
}
