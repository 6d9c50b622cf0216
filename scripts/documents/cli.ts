import { COMMANDS } from "../../cli/src/commands/index.ts";
import { GLOBAL_OPTIONS } from "../../cli/src/program.ts";
import { GENERATED_NOTICE, markdownTable } from "./table.ts";

export function cliDocument(): string {
  const sections = COMMANDS.map((command) => {
    const args = (command.arguments ?? []).map(({ name }) => ` ${name}`).join("");
    const options = command.options ?? [];
    const table =
      options.length === 0
        ? ""
        : `\n${markdownTable(
            ["option", "meaning"],
            options.map(({ flags, description, choices }) => [
              `\`${flags}\``,
              choices === undefined ? description : `${description} (${choices.join(", ")})`,
            ]),
          )}\n`;
    return `## elk-os ${command.name}${args}\n\n${command.summary}.\n\n\`\`\`\n${command.help}\n\`\`\`\n${table}`;
  });
  return `${GENERATED_NOTICE}

# elk-os

stdout carries the answer, stderr the progress. Exit codes: [errors.md](errors.md). Every command takes:

${markdownTable(
  ["option", "meaning"],
  GLOBAL_OPTIONS.map(({ flags, description }) => [`\`${flags}\``, description]),
)}

${sections.join("\n")}`;
}
