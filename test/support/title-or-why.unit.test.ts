import { expect, test } from "vitest";
import { titleOrWhy } from "./title-or-why.ts";

test("a suite that runs has its title, and one that cannot says why in it", () => {
  expect(titleOrWhy("compose", { kind: "ready" })).toBe("compose");
  expect(titleOrWhy("compose", { kind: "none", why: "a Docker engine needs root" })).toBe(
    "compose (a Docker engine needs root)",
  );
});
