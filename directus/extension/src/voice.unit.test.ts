import { describe, expect, it } from "vitest";
import { MusterRefusal } from "./muster-refusal.ts";
import { voiceOf } from "./voice.ts";

const databaseError = (code: string, detail?: string) =>
  Object.assign(new Error("update … - raised"), { code, detail });

describe("the voice of the law", () => {
  it("gives a claim conflict its status, code, sentence and facts", () => {
    const detail = JSON.stringify({
      code: "MUSTER_CLAIM_CONFLICT",
      message: "Task #7 is held by a01.",
      claim_epoch: 3,
    });
    const spoken = voiceOf(databaseError("MU409", detail));
    expect(spoken).toBeInstanceOf(MusterRefusal);
    expect(spoken).toMatchObject({
      name: "DirectusError",
      code: "MUSTER_CLAIM_CONFLICT",
      status: 409,
      message: "Task #7 is held by a01.",
      extensions: { claim_epoch: 3 },
    });
  });

  it("never lets SQL through: an unknown database error becomes MUSTER_INTERNAL and keeps its cause for the log", () => {
    const raw = databaseError("42501");
    const spoken = voiceOf(raw);
    expect(spoken).toMatchObject({ code: "MUSTER_INTERNAL", status: 500, cause: raw });
    expect(String(spoken)).not.toContain("update");
  });

  it("leaves an error alone that Directus has already named", () => {
    const named = Object.assign(new Error("Value has to be unique."), {
      name: "DirectusError",
      code: "RECORD_NOT_UNIQUE",
    });
    expect(voiceOf(named)).toBe(named);
  });

  it("leaves a deadlock alone, so that Directus repeats the transaction", () => {
    const deadlock = databaseError("40P01");
    expect(voiceOf(deadlock)).toBe(deadlock);
  });
});
