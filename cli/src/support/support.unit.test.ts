import { describe, expect, it } from "vitest";
import { Secret } from "../state/secret.ts";
import type { SecretStore } from "../state/secrets.ts";
import { mergeLines } from "./log-tail.ts";
import { redactor } from "./redact.ts";

const VALUE = "5c0ffee5c0ffee5c0ffee5c0ffee5c0ffee+/";
const secrets: Pick<SecretStore, "names" | "read"> = { names: () => ["rag_key"], read: () => new Secret(VALUE) };
const redact = redactor(secrets as SecretStore);

describe("what is shown of a log", () => {
  it.each([
    ["the value", `key ${VALUE} refused`],
    ["base64", `key ${Buffer.from(VALUE).toString("base64")} refused`],
    ["base64url", `key ${Buffer.from(VALUE).toString("base64url")} refused`],
    ["percent-encoded", `key ${encodeURIComponent(VALUE)} refused`],
  ])("holds no secret as %s", (_form, line) => {
    expect(redact(line)).toBe("key [redacted] refused");
  });

  it.each([
    ["GET /identity?nonce=boa1Steure&x=1", "GET /identity?nonce=[redacted]&x=1"],
    ["authorization: Bearer abc.def-ghi", "authorization: Bearer [redacted]"],
    ["postgres://muster:hunter2@db:5432/x", "postgres://muster:[redacted]@db:5432/x"],
    ['{"cookie":"directus_session=abc"}', '{"cookie":"[redacted]"}'],
    ["nothing to hide", "nothing to hide"],
  ])("takes others' credentials out of %s", (line, wanted) => {
    expect(redact(line)).toBe(wanted);
  });
});

describe("several logs", () => {
  it("become one in order of time, with lines that have none behind the one above", () => {
    const merged = mergeLines([
      {
        service: "postgres",
        lines: ["2026-11-29 12:00:01.000 UTC [1] LOG:  one", "2026-11-29 12:00:03.000 UTC [1] LOG:  three"],
      },
      { service: "directus", lines: ['{"time":1795953602000,"msg":"two"}', "  at stack"] },
      { service: "portal", lines: ["ready"] },
    ]);
    expect(merged.map(({ service, line }) => `${service} ${/(one|two|three|at stack|ready)/.exec(line)?.[0]}`)).toEqual(
      ["portal ready", "postgres one", "directus two", "directus at stack", "postgres three"],
    );
    expect(merged[0]?.at).toBeNull();
    expect(merged[1]?.at).toBe("2026-11-29T12:00:01.000Z");
  });
});
