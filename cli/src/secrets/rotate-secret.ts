import { CliError } from "../errors/cli-error.ts";
import type { Stack } from "../stack/stack.ts";
import type { SecretName } from "../state/secrets.ts";
import { useOf } from "./uses.ts";

/**
 * Makes a new value and puts it in force: proposed on disk, set where it is kept, then accepted. A kill at any line leaves the old value or the
 * new one in force, and both on disk; `settleProposal` of the next run finds out which. The services that read it start again afterwards.
 * @throws CliError SECRET_CHANGED when the file is not what is in force
 */
export async function rotateSecret(stack: Stack, name: SecretName, signal: AbortSignal): Promise<void> {
  const { secrets } = stack;
  const { look, put } = useOf(name);
  await settleProposal(stack, name, signal);
  const standing = await look(stack, secrets.read(name), signal);
  if (standing.verdict === "changed") {
    throw new CliError("SECRET_CHANGED", {
      message: `secrets/${name} is not what is in force: ${standing.evidence}.`,
      hint: "elk-os secrets check --fix makes the file's value the one in force; then rotate it.",
    });
  }
  if (standing.verdict === "unknown") {
    throw new CliError("BOARD_UNREACHABLE", {
      message: `Nobody could say whether secrets/${name} is in force: ${standing.evidence}.`,
      hint: "A secret is rotated on a running stack: elk-os up",
    });
  }
  const next = secrets.propose(name);
  await put?.(stack, next, signal);
  secrets.accept(name);
}

/** Ends what an interrupted rotation left: the proposed value is accepted when it is in force, else forgotten. True when there was one. */
export async function settleProposal(stack: Stack, name: SecretName, signal: AbortSignal): Promise<boolean> {
  const { secrets } = stack;
  const next = secrets.proposed(name);
  if (next === null) return false;
  const { look, put } = useOf(name);
  if (put !== null) {
    const { verdict, evidence } = await look(stack, next, signal);
    if (verdict === "unknown") {
      throw new CliError("BOARD_UNREACHABLE", {
        message: `A rotation of ${name} was interrupted, and nobody could say how far it came: ${evidence}.`,
        hint: "elk-os up, then elk-os secrets check --fix",
      });
    }
    if (verdict === "live") {
      secrets.accept(name);
      return true;
    }
  }
  secrets.withdraw(name);
  return true;
}
