import { z } from "zod";
import { MusterRefusal } from "../muster-refusal.ts";
import { orKeep } from "./late-work.ts";
import { fence, LONG_TEXT, SHORT_TEXT, taskRef, text, texts } from "./texts.ts";
import { defineVerb } from "./verb.ts";

export const verdict = defineVerb({
  name: "verdict",
  description: "Judge what you review. Evidence: what ran, where, what came out. Unsure is inconclusive, never pass.",
  writes: true,
  shape: {
    task: taskRef(),
    fence: fence(),
    verdict: z.enum(["pass", "fail", "inconclusive"]),
    evidence: text(LONG_TEXT),
    checks: texts(2000, '"exit code, command": "0 npm test"').optional(),
    commit: text(SHORT_TEXT).optional(),
    needed_fleet: z.enum(["yes", "no", "partly"]).optional(),
    attribution: text(2000).optional(),
  },
  run(desk, { task, fence: epoch, verdict: judgement, evidence, checks, commit, needed_fleet, attribution }, op) {
    const options = {
      ...(checks === undefined ? {} : { checks: checks.map(checkOf) }),
      ...(commit === undefined ? {} : { commit }),
      ...(needed_fleet === undefined ? {} : { needed_fleet }),
      ...(attribution === undefined ? {} : { attribution }),
    };
    const sent = { verb: "verdict", verdict: judgement, evidence, ...options };
    return orKeep(desk, { task, fence: epoch }, sent, () =>
      desk.law("verdict", { task, fence: epoch, verdict: judgement, evidence, options, op }),
    );
  },
});

const CHECK = /^(\d{1,3})\s+(?:sha256:([0-9a-f]{64})\s+)?(\S.*)$/s;

/** "0 npm test", or with the log's hash: "0 sha256:<64 hex> npm test". */
function checkOf(line: string): object {
  const [, exit, log, command] = CHECK.exec(line) ?? [];
  if (exit === undefined || command === undefined) {
    const message =
      'Each of checks is an exit code and a command, such as "0 npm test". Correct it and send the call again.';
    throw new MusterRefusal({ code: "MUSTER_VALUE_INVALID", status: 422, message });
  }
  return { command, exit_code: Number(exit), ...(log === undefined ? {} : { log_sha256: log }) };
}
