import { CliError } from "../errors/cli-error.ts";

/** A whole number from 1 to `most`, or the default when the option is absent. @throws CliError USAGE_INVALID */
export function countOption(
  options: Readonly<Record<string, unknown>>,
  name: string,
  { otherwise, most }: { readonly otherwise: number; readonly most: number },
): number {
  const value = Number(options[name] ?? otherwise);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new CliError("USAGE_INVALID", {
    message: `--${name} must be a whole number from 1 to ${most}.`,
    hint: `Use --${name} ${otherwise}.`,
  });
}
