import { breadcrumbOf, type Passage, textOf } from "../engine/passage.ts";

/** What a passage is embedded by: its headings say what it is about. */
export function textToEmbed(passage: Passage): string {
  const { document, headings } = passage;
  return [...breadcrumbOf(document.title, headings), textOf(passage)].join("\n");
}
