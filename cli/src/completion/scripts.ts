import type { Place } from "./words.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The completion script of one shell: a table of what may follow what, and the few lines that look it up. Pure. */
export function completionScript(shell: Shell, places: readonly Place[]): string {
  switch (shell) {
    case "bash":
      return bash(places);
    case "zsh":
      // zsh runs bash's completions; what it would show besides are the meanings.
      return `#compdef elk-os\nautoload -U +X bashcompinit && bashcompinit\n${bash(places)}`;
    case "fish":
      return fish(places);
  }
}

function bash(places: readonly Place[]): string {
  const cases = places
    .filter(({ after }) => after !== "")
    .map(({ after, words }) => `    ${quoted(after)}) words=${quoted(textsOf(words))}; break ;;`);
  const first = places.find(({ after }) => after === "")?.words ?? [];
  return `# elk-os completion: eval "$(elk-os completion bash)"
_elk_os() {
  local current=\${COMP_WORDS[COMP_CWORD]} said= words word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in -*) ;; *) said="\${said:+$said }$word" ;; esac
  done
  [ -n "$said" ] && words= || words=${quoted(textsOf(first))}
  # What was said may end with an argument: the longest beginning that is a command decides.
  while [ -n "$said" ]; do
    case $said in
${cases.join("\n")}
    esac
    case $said in *" "*) said=\${said% *} ;; *) said= ;; esac
  done
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _elk_os elk-os ./bin/elk-os bin/elk-os
`;
}

function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ after, words }) =>
    words.map(({ text, meaning }) => {
      const condition = after === "" ? "__fish_use_subcommand" : `__elk_os_said ${after}`;
      const word = text.startsWith("--") ? `-l ${text.slice(2)}` : `-a ${text}`;
      return `complete -c elk-os -n ${quoted(condition)} -f ${word} -d ${quoted(meaning)}`;
    }),
  );
  return `# elk-os completion: elk-os completion fish | source
function __elk_os_said
  set -l words (commandline -opc | string match -v -- '-*')[2..-1]
  test "$words[1..(count $argv)]" = "$argv"
end
${lines.join("\n")}
`;
}

function textsOf(words: Place["words"]): string {
  return words.map(({ text }) => text).join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "")}'`;
}
