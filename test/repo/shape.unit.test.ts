/** How long files are, and what they may be called. */
import { dirname } from "node:path";
import { expect, it } from "vitest";
import { offenders, SHIPPED, SOURCES, type SourceFile, sourcesBelow } from "./source-files.ts";

const isTooLong = ({ path, text }: SourceFile) => text.split("\n").length > (path.includes(".test.") ? 400 : 300);
const isGrabBag = ({ path }: SourceFile) => /(^|\/)(utils?|helpers?|common|misc|lib)(\.tsx?|\/)/.test(path);
const switchesChecksOff = ({ text }: SourceFile) => /@ts-(ignore|expect-error|nocheck)|biome-ignore-all/.test(text);

/** Folders whose index.ts is a list that is read, or a package's public face. */
const REGISTRIES = [
  "board/src",
  "cli/src/checks",
  "cli/src/commands",
  "cli/src/drivers",
  "cli/src/drivers/embedded/staging",
  "cli/src/phases",
  "cli/src/services",
  "cli/src/suites",
];
const isBarrel = ({ path }: SourceFile) => path.endsWith("/index.ts") && !REGISTRIES.includes(dirname(path));

it("no file is longer than 300 lines, no test longer than 400", () => {
  expect(offenders([...SOURCES, ...sourcesBelow("test"), ...sourcesBelow("scripts")], isTooLong)).toEqual([]);
});

it("no folder or file is a grab bag", () => {
  expect(offenders(SOURCES, isGrabBag)).toEqual([]);
});

it("index.ts exists only as a registry or a package's public face", () => {
  expect(offenders(SHIPPED, isBarrel)).toEqual([]);
  const files = SHIPPED.map(({ path }) => path);
  expect(REGISTRIES.filter((folder) => !files.includes(`${folder}/index.ts`))).toEqual([]);
});

it("shipped code switches no check of the compiler off", () => {
  expect(offenders(SHIPPED, switchesChecksOff)).toEqual([]);
});

it.each([
  { breaks: isTooLong, path: "cli/src/long.ts", text: "\n".repeat(300) },
  { breaks: isTooLong, path: "cli/src/long.unit.test.ts", text: "\n".repeat(400) },
  { breaks: isGrabBag, path: "cli/src/utils/paths.ts", text: "" },
  { breaks: isGrabBag, path: "portal/view/helpers.tsx", text: "" },
  { breaks: isBarrel, path: "rag/src/index.ts", text: "" },
  { breaks: switchesChecksOff, path: "cli/src/main.ts", text: "// @ts-expect-error" },
  { breaks: switchesChecksOff, path: "cli/src/main.ts", text: "// biome-ignore-all lint: no" },
])("$breaks.name is seen in $path", ({ breaks, ...file }) => {
  expect(breaks(file)).toBe(true);
});
