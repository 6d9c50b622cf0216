import { expect, test } from "vitest";
import { expectRed } from "../../../../test/support/red.ts";
import { judgeArchitecture } from "./architecture.ts";

test.each([
  ["x86_64", "x64"],
  ["aarch64", "arm64"],
])("Node for %s is %s", (kernel, node) => {
  expect(judgeArchitecture(kernel, node)).toMatchObject({ status: "pass" });
});

test("a Node that the kernel runs emulated is red, and so is a machine that we ship nothing for", () => {
  expectRed("HOST-03", judgeArchitecture("aarch64", "x64"), /^kernel aarch64, node x64$/);
  expectRed("HOST-03", judgeArchitecture("x86_64", "ia32"), /node ia32$/);
  expectRed("HOST-03", judgeArchitecture("riscv64", "riscv64"), /^kernel riscv64/);
});
