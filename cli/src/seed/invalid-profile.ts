import type { z } from "zod";
import { CliError } from "../errors/cli-error.ts";

/** The error for a profile file that cannot be used: names the file and what is wrong in it, one problem a line. */
export function invalidProfile(file: string, problems: readonly string[], cause?: unknown): CliError {
  return new CliError("PROFILE_INVALID", {
    message: `${file} is not valid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    hint: `Correct ${file} and run the command again; nothing was written.`,
    facts: { file, problems },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** One line for each issue: where, then what. `rowOf` names a row of a list better than its index does. */
export function describeIssues(error: z.ZodError, rowOf: (index: number) => string = String): string[] {
  return error.issues.map((issue) => {
    const [first, ...rest] = issue.path;
    const where = typeof first === "number" ? [rowOf(first), ...rest] : issue.path;
    return where.length === 0 ? issue.message : `${where.map(String).join(" › ")}: ${issue.message}`;
  });
}
