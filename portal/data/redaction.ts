/**
 * What strangers do not see. Private projects are in none of the views, whatever the mode; in public mode these columns are emptied as
 * well, at the one place where rows enter, so that no page, feed or export can forget it.
 */
import { isPublic } from "../env.ts";

/** Names of people and what they are asked to do; where the code lies; tokens and money; what a verifier saw and ran. */
const REDACTED = [
  ...["blocked_owner", "blocked_action", "blocked_reason", "status_reason", "paths", "repository_url"],
  ...[
    "tokens",
    "tokens_in",
    "tokens_out",
    "tokens_discarded",
    "usd",
    "usd_discarded",
    "cost_usd",
    "cost_discarded_usd",
  ],
  ...["evidence", "checks"],
] as const;

/** The row itself in a private portal; in a public one without those columns. */
export function redact(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isPublic()) return row;
  const kept: Record<string, unknown> = { ...row };
  for (const column of REDACTED) if (column in kept) kept[column] = null;
  return kept;
}
