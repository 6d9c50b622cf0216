import { expect, it } from "vitest";
import { commitUrl } from "./commit-url.ts";

const COMMIT = "3f9c1e2";

it.each(["https://git.example/team/api", "https://git.example/team/api/", "https://git.example/team/api.git"])(
  "finds a commit of %s",
  (repository) => expect(commitUrl(repository, COMMIT)).toBe(`https://git.example/team/api/commit/${COMMIT}`),
);

it.each([
  [null, COMMIT],
  ["", COMMIT],
  ["javascript:alert(1)//", COMMIT],
  ["data:text/html,x", COMMIT],
  ["ssh://git@git.example/team/api", COMMIT],
  ["git@git.example:team/api.git", COMMIT],
  ["https://user:secret@git.example/team/api", COMMIT],
  ["https://git.example", COMMIT],
  ["https://git.example/team/api", "../../evil"],
  ["https://git.example/team/api", "artifact-1"],
])("leads nowhere from %j and %j", (repository, commit) => {
  expect(commitUrl(repository, commit)).toBeNull();
});

it("keeps what a path says from leaving it", () => {
  expect(commitUrl('https://git.example/a"><script>', COMMIT)).toBe(
    `https://git.example/a%22%3E%3Cscript%3E/commit/${COMMIT}`,
  );
});
