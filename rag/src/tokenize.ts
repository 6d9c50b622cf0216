/**
 * Splits text into lower-case search terms. Names from code are kept whole and also given in parts, so that
 * `claim_epoch`, `claimEpoch` and `epoch` all find each other. Pure; used for documents and for queries alike.
 */
export function tokenize(text: string): string[] {
  const terms: string[] = [];
  for (const [word] of text.matchAll(/[\p{L}\p{N}_#][\p{L}\p{N}_.\-/:#]*/gu)) {
    const whole = word.replace(/[.\-/:#]+$/u, "");
    if (whole === "") continue;
    terms.push(whole.toLowerCase());
    const parts = splitName(whole);
    if (parts.length > 1) terms.push(...parts);
  }
  return terms;
}

function splitName(word: string): string[] {
  return word
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .split(/[^\p{L}\p{N}]+/u)
    .filter((part) => part !== "")
    .map((part) => part.toLowerCase());
}
