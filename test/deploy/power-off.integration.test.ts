/** deploy/box/power-off-when-idle.sh with stand-ins for systemd and elk-os that note what they are told: nothing here can power anything off. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { EXIT } from "../../cli/src/errors/catalog.ts";
import { launch, makePath } from "../launcher/launch.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { deployFile, INSTALLED_AT } from "./deploy-files.ts";

let root: string;
let tools: string;

beforeEach(async () => {
  root = temporaryFolder();
  // Only what stands in this folder can be called, and systemctl there is ours.
  tools = await makePath(join(root, "tools"), []);
  mkdirSync(join(root, "bin"));
  const script = deployFile("box", "power-off-when-idle.sh").replaceAll(INSTALLED_AT, root);
  expect(script).not.toContain("/usr/");
  writeFileSync(join(root, "script"), script);
  standIn(join(tools, "loginctl"), "");
  standIn(join(tools, "systemctl"), "");
  standIn(join(root, "bin", "elk-os"), "");
});

/** A program that notes its name and arguments, and then does the rest. */
function standIn(path: string, rest: string): void {
  writeFileSync(path, `#!/bin/sh\necho "$(basename "$0") $*" >>'${join(root, "told")}'\n${rest}\n`, { mode: 0o755 });
}

async function powerOff(...args: readonly string[]) {
  const outcome = await launch("/bin/sh", { path: tools, args: [join(root, "script"), ...args], cwd: root });
  const told = existsSync(join(root, "told")) ? readFileSync(join(root, "told"), "utf8").trim().split("\n") : [];
  return { exit: outcome.exit, told };
}

const LOOKS = ["loginctl --no-legend --no-pager list-sessions", "elk-os idle --minutes 30"];

test("an idle machine takes a checkpoint and goes off", async () => {
  expect(await powerOff("30")).toEqual({
    exit: 0,
    told: [...LOOKS, "elk-os events checkpoint", "systemctl poweroff"],
  });
});

test.each([
  ["in use", EXIT.pending],
  ["a board that does not answer", EXIT.unreachable],
  ["a bug", EXIT.internal],
])("%s leaves it on, with exit %i", async (_, exit) => {
  standIn(join(root, "bin", "elk-os"), `exit ${exit}`);
  expect(await powerOff("30")).toEqual({ exit, told: LOOKS });
});

test("a checkpoint that cannot be taken leaves it on", async () => {
  standIn(join(root, "bin", "elk-os"), 'case "$1" in events) exit 3 ;; esac');
  expect(await powerOff("30")).toEqual({ exit: EXIT.doctorRed, told: [...LOOKS, "elk-os events checkpoint"] });
});

test("somebody who is logged in keeps it on, and the board is not even asked", async () => {
  standIn(join(tools, "loginctl"), 'echo "12 1000 admin - pts/0"');
  expect(await powerOff("30")).toEqual({ exit: EXIT.pending, told: LOOKS.slice(0, 1) });
});

test("where nobody can say who is logged in, it stays on", async () => {
  standIn(join(tools, "loginctl"), "exit 1");
  expect(await powerOff("30")).toEqual({ exit: 1, told: LOOKS.slice(0, 1) });
});

test("without a time nothing is asked and nothing done", async () => {
  const { exit, told } = await powerOff();
  expect([exit === 0, told]).toEqual([false, []]);
});
