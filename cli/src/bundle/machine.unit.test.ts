import { expect, test } from "vitest";
import { toCliError } from "../errors/cli-error.ts";
import { assertFits } from "./machine.ts";

const bundle = { architecture: "arm64", libc: "glibc", libcVersion: "2.36", node: "24.21.0" };
const here = { architecture: "arm64", libc: "glibc", libcVersion: "2.36" };

function refusalOf(change: Partial<typeof bundle>, machine: Partial<typeof here>, node = "24.21.0") {
  try {
    assertFits({ ...bundle, ...change }, { ...here, ...machine }, node);
  } catch (error) {
    return toCliError(error);
  }
  return null;
}

test("a bundle fits a machine of its architecture and libc, and one whose libc is newer", () => {
  expect(refusalOf({}, {})).toBeNull();
  expect(refusalOf({}, { libcVersion: "2.41" })).toBeNull();
  expect(refusalOf({ libcVersion: "2.9" }, { libcVersion: "2.36" }), "versions are numbers").toBeNull();
});

test.each([
  ["another architecture", {}, { architecture: "x64" }, /for arm64, and this machine is x64/],
  ["another libc", {}, { libc: "musl" }, /for glibc, and this machine has musl/],
  ["an older libc", { libcVersion: "2.41" }, {}, /built against glibc 2\.41, and this machine has 2\.36/],
  ["an older libc, as a number", {}, { libcVersion: "2.9" }, /this machine has 2\.9/],
])("%s is refused under a code of its own, before anything is written", (_what, change, machine, message) => {
  const refusal = refusalOf(change, machine);
  expect(refusal).toMatchObject({ code: "BUNDLE_FOREIGN", exit: 5, message: expect.stringMatching(message) });
  expect(refusal?.message).toContain("Nothing was changed");
  expect(refusal?.facts).toMatchObject({ bundle: { architecture: "arm64" }, here: { node: "24.21.0" } });
});

test("another Node is refused with the way to the right one, since what was built is found by its version", () => {
  expect(refusalOf({}, {}, "24.22.0")).toMatchObject({
    code: "BUNDLE_FOREIGN",
    message: expect.stringContaining("built by Node 24.21.0, and this is Node 24.22.0"),
    hint: expect.stringContaining("ELK_OS_NODE"),
  });
});
