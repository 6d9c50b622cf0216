/** A small picture with two words, in the colours of the paper. It carries its own text, so that it is read aloud. */
import { escapeXml } from "./feed.ts";

/** A letter of the system's sans at 11 px, on average. */
const LETTER = 6.2;
const PADDING = 12;

export function badgeSvg(name: string, words: string): string {
  const left = Math.round(name.length * LETTER + PADDING);
  const right = Math.round(words.length * LETTER + PADDING);
  const label = escapeXml(`${name}: ${words}`);
  const text = (x: number, fill: string, value: string) =>
    `<text x="${x}" y="14" fill="${fill}" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">${escapeXml(value)}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${label}"><title>${label}</title>` +
    `<rect width="${left}" height="20" fill="#1e3b2f"/><rect x="${left}" width="${right}" height="20" fill="#efe8d9"/>` +
    `${text(left / 2, "#f4efe4", name)}${text(left + right / 2, "#221f1a", words)}</svg>\n`
  );
}
