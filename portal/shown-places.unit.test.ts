import { afterEach, expect, it, vi } from "vitest";
import type { Profile } from "./profile.ts";
import { hiddenPlaces } from "./shown-places.ts";

const profile = (features: Profile["features"]): Profile => ({
  name: "test",
  brand: { name: "Muster", org: "Demo", tagline: "" },
  theme: { paper: {}, console: {} },
  features,
});

afterEach(() => {
  vi.unstubAllEnvs();
});

it("hides nothing that the profile does not turn off", () => {
  expect(hiddenPlaces(profile({}))).toEqual([]);
  expect(hiddenPlaces(profile({ receipts: false, releases: false }))).toEqual(["receipts", "releases"]);
});

it("hides money from strangers, whatever the profile says", () => {
  vi.stubEnv("ELK_OS_PORTAL_PUBLIC", "true");
  expect(hiddenPlaces(profile({ costs: true }))).toEqual(["costs"]);
});
