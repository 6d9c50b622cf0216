import { globSync } from "node:fs";
import { expect, it } from "vitest";
import { CHECKOUT, findCommand, launch } from "./launch.ts";

const shellcheck = findCommand("shellcheck");

it.skipIf(shellcheck === null)("shellcheck has nothing to say about the shell scripts", async () => {
  const scripts = ["bin/elk-os", ...globSync(["bin/launcher/*.sh", "bench/*.sh", "deploy/**/*.sh"], { cwd: CHECKOUT })];
  const outcome = await launch(shellcheck ?? "", { path: "/usr/bin:/bin", args: ["-x", ...scripts], cwd: CHECKOUT });

  expect(outcome).toMatchObject({ exit: 0, stdout: "", stderr: "" });
});
