import { expect, test } from "vitest";
import { decodeDocument } from "../corpus/read-file.ts";
import { PassageStore } from "../engine/passage-store.ts";
import { textToEmbed } from "./text-to-embed.ts";

function embeddedTexts(text: string): readonly string[] {
  const store = new PassageStore();
  const result = decodeDocument({ collection: "memory", path: "memory/kiln.md" }, Buffer.from(text));
  if (result.ok) store.put(result.document);
  return [...store.all()].flatMap(({ passages }) => passages.map(textToEmbed));
}

test("a passage is embedded with the title and every heading above it, which its own lines do not hold", () => {
  const long = "The enamel of the kiln cracked again. ".repeat(40).trim();
  const texts = embeddedTexts(`# Kiln\n\n${long}\n\n## Glaze\n\n${long}\n\n### Blue\n\n${long}\n`);
  expect(texts.at(-1)).toBe(`Kiln\nGlaze\nBlue\n### Blue\n\n${long}`);
});

test("a title of the front matter leads, and a heading that repeats it is there once", () => {
  expect(embeddedTexts("---\ntitle: Ovens\n---\n# Heat\n\nIt is hot.\n")).toEqual([
    "Ovens\nHeat\n# Heat\n\nIt is hot.",
  ]);
  expect(embeddedTexts("# Heat\n\nIt is hot.\n")).toEqual(["Heat\n# Heat\n\nIt is hot."]);
});
