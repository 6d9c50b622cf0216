import { expect, test } from "vitest";
import { redacted } from "./run.ts";

test("every listed value is replaced wherever it stands, and an empty one replaces nothing", () => {
  expect(redacted("a=s3cret b=s3cret", ["", "s3cret"])).toBe("a=[redacted] b=[redacted]");
});
