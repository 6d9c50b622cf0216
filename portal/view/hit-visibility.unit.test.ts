import { expect, it } from "vitest";
import { hiddenReason, taskOfHit } from "./hit-visibility.ts";

const visible = { tasks: new Set([65]), projects: new Set(["returns"]), isPublic: false };
const hit = (path: string, collection: string, tags: readonly string[] = []) => ({
  path,
  collection,
  tags,
  text: "see #66",
});

it("shows files that were published with the portal", () => {
  expect(hiddenReason(hit("memory/port-is-no-identity.md", "memory"), visible)).toBeNull();
});

it("shows a row of the board only while the board shows it", () => {
  expect(hiddenReason(hit("board/tasks/65.md", "board"), visible)).toBeNull();
  expect(hiddenReason(hit("board/tasks/66.md", "board"), visible)).not.toBeNull();
});

it("shows strangers no passage of the board, because evidence may stand in it", () => {
  expect(hiddenReason(hit("board/tasks/65.md", "board"), { ...visible, isPublic: true })).not.toBeNull();
});

it("leads from a passage of the board to its task, and from a file to none, whatever numbers stand in its name", () => {
  expect(taskOfHit(hit("board/tasks/65", "board"))).toBe(65);
  expect(taskOfHit(hit("board/tasks/secret", "board"))).toBeNull();
  expect(taskOfHit(hit("memory/65-ports.md", "memory"))).toBeNull();
});

it("hides a row that it cannot look up, rather than trust the index", () => {
  expect(hiddenReason(hit("board/tasks/secret.md", "board"), visible)).not.toBeNull();
});

it("hides whatever is tagged with a project that may not be seen, files too", () => {
  expect(hiddenReason(hit("memory/x.md", "memory", ["project:secret"]), visible)).not.toBeNull();
  expect(hiddenReason(hit("memory/x.md", "memory", ["project:returns"]), visible)).toBeNull();
});

it("hides from strangers a file that names a task that they may not see", () => {
  expect(hiddenReason(hit("log/2026-11-22.md", "log"), visible)).toBeNull();
  expect(hiddenReason(hit("log/2026-11-22.md", "log"), { ...visible, isPublic: true })).not.toBeNull();
});
