import { counted } from "../../output/counted.ts";
import { GIVEN_SECRETS, SECRETS, type SecretName } from "../../state/secrets.ts";
import { type Check, fail, pass } from "../check.ts";

/** SEC-01's floor; init makes twice as much. */
const LEAST_BITS = 128;
const PLACEHOLDERS = /change.?me|password|secret|example|admin|^0+$|^(.)\1+$/i;

/** SEC-01. */
export const secretStrength: Check = {
  id: "SEC-01",
  title: "Every secret exists and is strong",
  severity: "error",
  dependsOn: ["HOST-06"],
  timeoutMs: 1_000,
  async probe({ secrets }) {
    // How strong a value is that the operator gave is not ours to say.
    const given: ReadonlySet<string> = new Set(GIVEN_SECRETS);
    const all = new Set([...Object.keys(SECRETS), ...secrets.names()]);
    const names = [...all].filter((name) => !given.has(name)) as SecretName[];
    for (const name of names) {
      if (!secrets.has(name)) return fail(`secrets/${name} does not exist`);
      const value = secrets.read(name).reveal();
      if (PLACEHOLDERS.test(value)) return fail(`secrets/${name} is a placeholder`);
      const bits = Math.floor(entropyBits(value));
      if (bits < LEAST_BITS)
        return fail(`secrets/${name} holds about ${bits} bits`, {
          expected: `at least ${LEAST_BITS} bits`,
          actual: `${bits}`,
        });
    }
    return pass(`${counted(names.length, "secret")}, each at least ${LEAST_BITS} bits`);
  },
  fix: { summary: "remove the weak file before the first `elk-os up`; on a running stack: elk-os secrets rotate NAME" },
};

/** Upper bound of what the text can hold: its Shannon entropy per character times its length. */
export function entropyBits(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let perCharacter = 0;
  for (const count of counts.values()) perCharacter -= (count / text.length) * Math.log2(count / text.length);
  return perCharacter * text.length;
}
