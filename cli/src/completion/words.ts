import type { Command, OptionSpec } from "../commands/command.ts";

/** What may follow on the command line, for each place in it. Pure; every shell's script is made from this. */
export interface Place {
  /** Words before it: "" at the start, "backup" behind the noun, "backup create" behind the verb. */
  readonly after: string;
  readonly words: readonly Word[];
}

export interface Word {
  readonly text: string;
  readonly meaning: string;
}

export function placesOf(commands: readonly Command[], globals: readonly OptionSpec[]): readonly Place[] {
  const nouns = new Map<string, Map<string, string>>();
  for (const { name, summary } of commands) {
    const words = name.split(" ");
    for (const [index, word] of words.entries()) {
      const after = words.slice(0, index).join(" ");
      const known = nouns.get(after) ?? new Map<string, string>();
      const isVerb = index === words.length - 1;
      if (isVerb || !known.has(word)) known.set(word, isVerb ? summary : `${word} commands`);
      nouns.set(after, known);
    }
  }
  const below = [...nouns].map(([after, words]) => ({
    after,
    words: [...words].map(([text, meaning]) => ({ text, meaning })),
  }));
  const behind = commands.map(({ name, arguments: args = [], options = [] }) => ({
    after: name,
    words: [
      ...args.flatMap(({ choices = [], description }) => choices.map((text) => ({ text, meaning: description }))),
      ...[...options, ...globals].map(({ flags, description }) => ({ text: longOf(flags), meaning: description })),
    ],
  }));
  // "rag model" is a noun and "wire" a verb; one that is both offers what both do.
  const merged = new Map<string, Word[]>();
  for (const { after, words } of [...below, ...behind]) merged.set(after, [...(merged.get(after) ?? []), ...words]);
  return [...merged].map(([after, words]) => ({ after, words }));
}

/** "--only <ids>" → "--only" */
function longOf(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}
