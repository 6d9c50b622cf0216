import { randomBytes } from "node:crypto";
import { deriveServiceKey, type IdentityAnswer, verifyIdentity } from "@muster/board/identity";
import { identifyService } from "../../identity/service-identity.ts";
import { type Check, type Finding, fail, pass } from "../check.ts";

/** ID-07. Proves the verifier itself: a true answer of a moment ago must fail against another nonce. */
export const replayRefused: Check = {
  id: "ID-07",
  title: "A recorded identity answer is refused",
  severity: "error",
  dependsOn: ["ID-03"],
  timeoutMs: 10_000,
  async probe(stack, signal) {
    const { answer } = await identifyService(stack, "rag", signal);
    const key = deriveServiceKey(Buffer.from(stack.secrets.read("instance_key").reveal(), "hex"), "rag");
    return judgeReplay(verifyIdentity, key, answer, stack.instance().instanceId);
  },
  fix: { summary: "a fault of elk-os: report it" },
};

/** Shows an answer that was true under its own nonce to the verifier, under a new one. Without an answer nothing is shown, which is no proof. */
export function judgeReplay(
  verify: typeof verifyIdentity,
  key: Buffer,
  answer: IdentityAnswer | null,
  instance: string,
): Finding {
  if (answer === null) return fail("there is no recorded answer to show");
  const nonce = randomBytes(24).toString("base64url");
  const { verdict } = verify(key, answer, { nonce, instance, service: "rag" });
  return verdict === "IMPOSTOR"
    ? pass("the answer just recorded is an IMPOSTOR under a new nonce")
    : fail(`a replayed answer was judged ${verdict}`, { expected: "IMPOSTOR", actual: verdict });
}
