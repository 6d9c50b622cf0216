import { randomBytes } from "node:crypto";
import { deriveServiceKey, verifyIdentity } from "@muster/board/identity";
import { identifyService } from "../../identity/service-identity.ts";
import { type Check, fail, pass } from "../check.ts";

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
    const nonce = randomBytes(24).toString("base64url");
    const { verdict } = verifyIdentity(key, answer, { nonce, instance: stack.instance().instanceId, service: "rag" });
    return verdict === "IMPOSTOR"
      ? pass("the answer just recorded is an IMPOSTOR under a new nonce")
      : fail(`a replayed answer was judged ${verdict}`, { expected: "IMPOSTOR", actual: verdict });
  },
  fix: { summary: "a fault of elk-os: report it" },
};
