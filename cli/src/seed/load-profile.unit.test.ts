import { expect, test } from "vitest";
import { CliError } from "../errors/cli-error.ts";
import { parseManifest } from "./load-profile.ts";
import { parseSeedFile } from "./load-seed.ts";
import { parseOffsetMs, resolveSeedTimeMs } from "./seed-time.ts";
import { toPortalProfile } from "./to-portal-profile.ts";

const valid = `
name: demo
brand: { name: Muster, org: Demo, tagline: x }
features: { costs: false }
agents:
  - { name: a01, title: Builder, model_family: claude, model: m }
`;

function refusal(work: () => unknown): CliError {
  try {
    work();
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}

test("a manifest gets its defaults", () => {
  expect(parseManifest("p.yaml", valid)).toMatchObject({
    theme: { paper: {}, console: {} },
    features: { costs: false, receipts: true },
    agents: [{ name: "a01", status: "active", max_wip: 2, capabilities: [] }],
  });
});

test.each([
  [valid.replace("name: demo", "name: demo\ncolour: red"), "colour"],
  [valid.replace("tagline: x", "taglin: x"), "brand › tagline"],
  [valid.replace("model_family: claude, ", ""), "agents › 0 › model_family"],
  [valid.replace("features:", "theme: { paper: { pine: green } }\nfeatures:"), "theme › paper › pine"],
  [`${valid}  - { name: a01, title: B, model_family: gpt, model: m }\n`, "a01 is there twice"],
  ["name: [", "at line 1"],
])("a manifest with a fault is refused by file and key, case %#", (text, key) => {
  const error = refusal(() => parseManifest("p.yaml", text));
  expect(error.code).toBe("PROFILE_INVALID");
  expect(error.message).toContain("p.yaml");
  expect(error.message).toContain(key);
});

test("a seed row with a fault is named by file, row and key", () => {
  const rows = [
    { key: "a", name: "A" },
    { key: "b", name: "B", sumary: "x" },
  ];
  expect(refusal(() => parseSeedFile("organizations", "organizations.json", rows)).message).toMatch(
    /organizations\.json.*\n.*row 2 \(b\) › Unrecognized key: "sumary"/,
  );
});

test("offsets are read with several units", () => {
  expect(parseOffsetMs("-2h10m")).toBe(-130 * 60_000);
  expect(parseOffsetMs("+1d1s")).toBe(86_401_000);
  for (const wrong of ["", "-", "2h", "-2x", "-m", "now"]) expect(parseOffsetMs(wrong)).toBeNull();
});

test("an instant with a zone is kept, an offset counts from the moment of seeding", () => {
  const now = Date.parse("2026-01-01T12:00:00Z");
  expect(new Date(resolveSeedTimeMs("2026-06-29T17:56:00-07:00", now)).toISOString()).toBe("2026-06-30T00:56:00.000Z");
  expect(new Date(resolveSeedTimeMs("-90m", now)).toISOString()).toBe("2026-01-01T10:30:00.000Z");
});

test("the portal's part of a profile holds no agents", () => {
  expect(Object.keys(toPortalProfile(parseManifest("p.yaml", valid)))).toEqual(["name", "brand", "theme", "features"]);
});
